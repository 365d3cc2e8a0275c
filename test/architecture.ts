import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** A source file as the rules see it: its path from the root, and its text. */
export type SourceFile = { path: string; text: string };

/**
 * Which files may import what. An entry that ends with a slash, or `node:`, stands for all below it, any other for itself.
 * The first rule whose `from` fits a file is the file's rule.
 */
export type Rule = { from: readonly string[]; mayImport: readonly string[]; because: string };

/** One import that a rule forbids and that is right all the same, and why. */
export type Exception = { from: string; imports: string; because: string };

/** Every TypeScript file of src/, those of the page among them. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ path: posix.join('src', file), text: readFileSync(`${ROOT}src/${file}`, 'utf8') }));
}

const parsed = new Map<SourceFile, ts.Node[]>();

/** Everything in a file, in the order of the text. Many rules ask for it, so it is kept. */
function nodesOf(file: SourceFile): ts.Node[] {
  const known = parsed.get(file);
  if (known) return known;
  const nodes: ts.Node[] = [];
  const collect = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, collect);
  };
  ts.forEachChild(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true), collect);
  parsed.set(file, nodes);
  return nodes;
}

/** What a file imports, types, dynamic imports and re-exports included: paths from the root, or packages. */
export function importsOf(file: SourceFile): string[] {
  const resolve = (specifier: string): string =>
    specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : specifier;
  return nodesOf(file).flatMap((node): string[] => {
    const isDeclaration = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (isDeclaration && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      return [resolve(node.moduleSpecifier.text)];
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      return [argument && ts.isStringLiteral(argument) ? resolve(argument.text) : '(computed)'];
    }
    return [];
  });
}

/** Whether a list of entries, as in a rule, stands for a path. */
export const covers = (entries: readonly string[], path: string): boolean =>
  entries.some((entry) => (/[/:]$/.test(entry) ? path.startsWith(entry) : path === entry));

/** The imports the rules forbid, and the files no rule speaks of, as sentences. */
export function forbiddenImports(
  files: readonly SourceFile[],
  rules: readonly Rule[],
  exceptions: readonly Exception[] = [],
): string[] {
  return files.flatMap((file) => {
    const rule = rules.find(({ from }) => covers(from, file.path));
    if (!rule) return [`${file.path} has no rule`];
    return importsOf(file)
      .filter((target) => !covers(rule.mayImport, target))
      .filter((target) => !exceptions.some(({ from, imports }) => from === file.path && imports === target))
      .map((target) => `${file.path} imports ${target}, but ${rule.because}`);
  });
}

/** The ways in which files import each other in a circle, types included: a circle of types is one of ideas. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(' → ')];
    if (done.has(path)) return [];
    const found = (graph.get(path) ?? []).flatMap((target) => visit(target, [...trail, path]));
    done.add(path);
    return found;
  };
  return [...graph.keys()].flatMap((path) => visit(path, []));
}

const AMBIENT = /^(process|console|performance|setTimeout|setInterval|setImmediate|fetch|globalThis|require|crypto)$/;

/** Whether an identifier only names a property or a declaration of the file's own. */
function isName(node: ts.Identifier): boolean {
  return 'name' in node.parent && node.parent.name === node && !ts.isShorthandPropertyAssignment(node.parent);
}

/** What a file takes from its surroundings: clock, dice, process, console, timers. */
export function surroundingsUsed(file: SourceFile): string[] {
  return nodesOf(file).flatMap((node): string[] => {
    if (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random)$/.test(node.getText()))
      return [node.getText()];
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      return ['new Date()'];
    if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return ['Date()'];
    if (ts.isIdentifier(node) && AMBIENT.test(node.text) && !isName(node)) return [node.text];
    return [];
  });
}

/** The uses of one property of `process` in a file. */
export function usesOfProcess(file: SourceFile, property: RegExp): string[] {
  return nodesOf(file)
    .filter((node) => ts.isPropertyAccessExpression(node) && node.expression.getText() === 'process')
    .flatMap((node) => (property.test(node.getText().slice('process.'.length)) ? [node.getText()] : []));
}

const SQL =
  /^\s*(SELECT\s+\S|INSERT INTO|UPDATE \S+\s+SET|DELETE FROM|MERGE INTO|CREATE (TEMP|TABLE|SCHEMA|OR|VIEW)|DROP (TABLE|SCHEMA|VIEW)|ALTER TABLE|COPY \S+\s+FROM|(GRANT|LOCK|TRUNCATE)\s+\S|WITH \w+ AS)/;

/** The string literals of a file that are SQL, each cut short. */
export function sqlIn(file: SourceFile): string[] {
  return nodesOf(file).flatMap((node) => {
    const text = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ? node.text : '';
    return SQL.test(text) ? [text.trim().slice(0, 60)] : [];
  });
}
