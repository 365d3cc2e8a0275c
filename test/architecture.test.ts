import {
  forbiddenImports,
  importCycles,
  importsOf,
  sourceFiles,
  sqlIn,
  surroundingsUsed,
  usesOfProcess,
} from './architecture.ts';
import { ENTRY_POINTS, EXCEPTIONS, GRAMMAR, RULES } from './architecture-rules.ts';

const files = sourceFiles();
const at = (path: string, text: string) => ({ path, text });
const fileOf = (path: string) => files.find((file) => file.path === path) ?? at(path, '');

describe('the direction of imports', () => {
  test('is kept by every file', () => {
    expect(files.length).toBeGreaterThan(80);
    expect(forbiddenImports(files, RULES, EXCEPTIONS)).toEqual([]);
  });

  test.each(EXCEPTIONS)('still needs its exception for $from: $because', ({ from, imports }) => {
    expect(importsOf(fileOf(from)).map(({ target }) => target)).toContain(imports);
  });

  test('has no circle, save that of a grammar', () => {
    const circles = importCycles(files).filter(
      (circle) => !circle.split(' → ').every((path) => GRAMMAR.includes(path)),
    );
    expect(circles).toEqual([]);
  });

  test.each([
    ['src/core/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['src/core/a.ts', `export { load } from '../load.ts';`],
    ['src/core/a.ts', `const later = await import('../aws/s3.ts');`],
    ['src/core/a.ts', `const later = await import(somewhere);`],
    ['src/aws/a.ts', `import type { LoadDeps } from '../load.ts';`],
    ['src/aws/a.ts', `import type { StateStore } from '../reconcile.ts';`],
    ['src/commands/a.ts', `import {\n  S3Client,\n} from '@aws-sdk/client-s3';`],
    ['src/load.ts', `import './local/stack.ts';`],
    ['src/local/redshift/a.ts', `import { SOURCES } from '../../core/source.ts';`],
    ['elsewhere/a.ts', ''],
  ])('would be seen broken: %s with %s', (path, text) => {
    expect(forbiddenImports([at(path, text)], RULES)).toHaveLength(1);
  });

  test('would be seen to run in a circle, unless by types alone', () => {
    const circle = (word: string) => [
      at('src/a.ts', `import { b } from './b.ts';`),
      at('src/b.ts', `import ${word} { a } from './a.ts';`),
    ];
    expect(importCycles(circle(''))).toEqual(['src/a.ts → src/b.ts → src/a.ts']);
    expect(importCycles(circle('type'))).toEqual([]);
  });
});

describe('the core', () => {
  const core = files.filter(({ path }) => path.startsWith('src/core/'));

  test('has no clock, no dice, no process', () => {
    expect(core.flatMap((file) => surroundingsUsed(file).map((used) => `${file.path} uses ${used}`))).toEqual([]);
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
    expect(surroundingsUsed(at('src/core/a.ts', `const x = ${text};`)).length).toBeGreaterThan(0);
  });

  test('may take a given moment apart, and have words of its own', () => {
    const text = `// Date.now()\nconst x = new Date(at).toISOString(); type T = { process: string }; x.process; 'Math.random()';`;
    expect(surroundingsUsed(at('src/core/a.ts', text))).toEqual([]);
  });
});

describe('the environment', () => {
  /** Files beside the entry points that read process.env or end the process, and why they may. */
  const EXCUSED: Record<string, string> = {
    'src/local/lambda-runtime.ts': 'stands for the Lambda runtime, which is told of its function by the environment',
    'src/local/lambda-process.ts': 'hands PATH on to the process it starts, and nothing else',
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
  ['src/reconcile-handler.ts', 40],
  ['src/cli.ts', 80],
])('%s is short, at most %d lines, since entry points only wire', (path, most) => {
  expect(fileOf(path).text.split('\n').length - 1).toBeLessThanOrEqual(most);
});
