import {
  covers,
  forbiddenImports,
  importCycles,
  importsOf,
  sourceFiles,
  sqlIn,
  surroundingsUsed,
  usesOfProcess,
} from './architecture.ts';
import { PURE } from './architecture-pure.ts';
import { GRAMMAR, REDSHIFT_DOOR } from './architecture-local-rules.ts';
import { ENTRY_POINTS, EXCEPTIONS, RULES } from './architecture-rules.ts';

const files = sourceFiles();
const at = (path: string, text: string) => ({ path, text });
const fileOf = (path: string) => files.find((file) => file.path === path) ?? at(path, '');

describe('the direction of imports', () => {
  test('is kept by every file', () => {
    expect(files.length).toBeGreaterThan(80);
    expect(forbiddenImports(files, RULES, EXCEPTIONS)).toEqual([]);
  });

  test.each(EXCEPTIONS)('still needs its exception for $from: $because', ({ from, imports }) => {
    expect(importsOf(fileOf(from))).toContain(imports);
  });

  test('has no circle, save that of a grammar', () => {
    const circles = importCycles(files).filter(
      (circle) => !circle.split(' → ').every((path) => GRAMMAR.includes(path)),
    );
    expect(circles).toEqual([]);
  });

  test('leads to the local Redshift by its door only', () => {
    const room = 'src/local/redshift/';
    const besides = files
      .filter(({ path }) => !path.startsWith(room))
      .flatMap((file) => importsOf(file).map((target) => ({ path: file.path, target })))
      .filter(({ target }) => target.startsWith(room) && target !== REDSHIFT_DOOR);
    expect(besides).toEqual([]);
  });

  test.each([
    ['src/objects/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['src/objects/a.ts', `export { loadDelivery } from '../load/load-delivery.ts';`],
    ['src/load/a.ts', `const later = await import('../aws/s3.ts');`],
    ['src/ledger/a.ts', `const later = await import(somewhere);`],
    ['src/aws/a.ts', `import type { LoadDeps } from '../load/deps.ts';`],
    ['src/ledger/a.ts', `import type { Group } from '../load/plan.ts';`],
    ['src/commands/a.ts', `import {\n  S3Client,\n} from '@aws-sdk/client-s3';`],
    ['src/load/a.ts', `import '../local/stack.ts';`],
    ['src/local/redshift/a.ts', `import { route } from '../../objects/source.ts';`],
    ['elsewhere/a.ts', ''],
  ])('would be seen broken: %s with %s', (path, text) => {
    expect(forbiddenImports([at(path, text)], RULES)).toHaveLength(1);
  });

  test.each(['', 'type '])('would be seen to run in a circle by import %s', (word) => {
    const circle = [
      at('src/a.ts', `import { b } from './b.ts';`),
      at('src/b.ts', `import ${word}{ a } from './a.ts';`),
    ];
    expect(importCycles(circle)).toEqual(['src/a.ts → src/b.ts → src/a.ts']);
  });
});

describe('the pure files', () => {
  const pure = files.filter(({ path }) => covers(PURE, path));

  test('are all there', () => {
    expect(PURE.filter((entry) => !files.some(({ path }) => covers([entry], path)))).toEqual([]);
  });

  test('have no clock, no dice, no process', () => {
    expect(pure.flatMap((file) => surroundingsUsed(file).map((used) => `${file.path} uses ${used}`))).toEqual([]);
  });

  test('run no code but of each other', () => {
    const allowed = [...PURE, 'src/ports.ts', 'src/config.ts', 'valibot', 'node:crypto'];
    const others = pure.flatMap((file) =>
      importsOf(file)
        .filter((target) => !covers(allowed, target))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(others).toEqual([]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'Date()',
    'Math.random()',
    'process.env.X',
    'console.log(1)',
    'setTimeout(f, 1)',
  ])('would be seen to use %s', (text) => {
    expect(surroundingsUsed(at('src/objects/a.ts', `const x = ${text};`)).length).toBeGreaterThan(0);
  });

  test('may take a given timestamp apart, and have words of their own', () => {
    const text = `// Date.now()\nconst x = new Date(at).toISOString(); type T = { process: string }; x.process; 'Math.random()';`;
    expect(surroundingsUsed(at('src/objects/a.ts', text))).toEqual([]);
  });
});

describe('the environment', () => {
  /** Files beside the entry points that read process.env or end the process, and why they may. */
  const EXCUSED: Record<string, string> = {
    'src/local/lambda/runtime.ts': 'stands for the Lambda runtime, which is told of its function by the environment',
    'src/local/lambda/process.ts': 'hands PATH on to the process it starts, and nothing else',
  };
  const readers = files.filter((file) => usesOfProcess(file, /^(env|exit|exitCode|argv)$/).length > 0);

  test('is read, and the process ended, by entry points only', () => {
    const allowed = [...ENTRY_POINTS, ...Object.keys(EXCUSED)];
    expect(readers.map(({ path }) => path).filter((path) => !allowed.includes(path))).toEqual([]);
  });

  test.each(Object.keys(EXCUSED))('is still read by %s, which is excused', (path) => {
    expect(readers.map((reader) => reader.path)).toContain(path);
  });
});

describe('SQL', () => {
  test('stands in .sql files, but for the local warehouse, which translates it', () => {
    const loader = files.filter(({ path }) => !path.startsWith('src/local/redshift/'));
    expect(loader.flatMap((file) => sqlIn(file).map((sql) => `${file.path}: ${sql}`))).toEqual([]);
  });

  test.each(["'SELECT 1'", '`MERGE INTO ${table} USING x`', "'\\n  UPDATE songs\\n SET a = 1'", '"LOCK t"'])(
    'would be seen in %s',
    (literal) => {
      expect(sqlIn(at('src/a.ts', `const sql = ${literal};`))).toHaveLength(1);
    },
  );
});

test.each([
  ['src/handler.ts', 60],
  ['src/reconcile-handler.ts', 42],
  ['src/resume-handler.ts', 60],
  ['src/cli.ts', 80],
])('%s is short, at most %d lines, since entry points only wire', (path, most) => {
  expect(fileOf(path).text.split('\n').length - 1).toBeLessThanOrEqual(most);
});
