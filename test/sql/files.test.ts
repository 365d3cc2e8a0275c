import { readFileSync, readdirSync } from 'node:fs';
import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { SOURCES } from '../../src/objects/source.ts';
import { placeholdersIn, render, splitFile } from '../../src/sql/template.ts';
import { COMMON_STEPS, GUARD } from '../../src/load/transaction.ts';
import { readSqlFiles } from '../../src/sql/files.ts';

const FOLDERS = ['schema', 'load', 'report'] as const;
const SQL = new URL('../../sql/', import.meta.url);

/** Statements the parser of tests cannot read although Redshift can, and why. */
const UNREADABLE: Record<string, string> = {
  'schema/001-star 1': 'the parser knows SORTKEY, but not COMPOUND before it',
  'schema/002-ledger 1': 'the parser knows SORTKEY, but not COMPOUND before it',
  'schema/grant-hardened 2': 'the parser knows GRANT, but not ASSUMEROLE',
  'schema/create-user 1': 'the parser knows CREATE USER, but not PASSWORD DISABLE',
};

/** A template with every name filled in, as some load or report might. */
function filled(template: string): string {
  const plain = template.replace(/^[ \t]*--.*$/gm, '');
  const found = (form: RegExp) => [...plain.matchAll(form)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  const identifiers = found(/:"([a-z_]+)"/g);
  const literals = found(/:'([a-z_]+)'/g);
  const words = [...placeholdersIn(template)].filter((name) => !identifiers.includes(name) && !literals.includes(name));
  const keywords = words.filter((name) => ['codec', 'validation', 'row_limit'].includes(name));
  const filledIn = <T>(names: string[], value: T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, value]));
  return render(template, {
    identifiers: filledIn(identifiers, 'sparkify'),
    literals: filledIn(literals, 'value'),
    keywords: Object.fromEntries(keywords.map((name) => [name, name === 'row_limit' ? '10' : ''])),
    parameters: words.filter((name) => !keywords.includes(name)),
  }).text;
}

type Shipped = { name: string; text: string };
const statements: Shipped[] = FOLDERS.flatMap((folder) =>
  Object.entries(readSqlFiles(folder)).flatMap(([file, text]) =>
    splitFile(text).map((statement, n) => ({ name: `${folder}/${file} ${n + 1}`, text: filled(statement) })),
  ),
);
const load = readSqlFiles('load');
const schema = Object.values(readSqlFiles('schema')).flatMap(splitFile);

describe('every statement that is shipped', () => {
  beforeAll(init);

  test.each(statements.filter(({ name }) => !(name in UNREADABLE)))('$name is SQL to a second parser', ({ text }) => {
    expect(parse(text, 'redshift')).toHaveLength(1);
  });

  test.each(Object.keys(UNREADABLE))('%s is excused only as long as the parser cannot read it', (name) => {
    const excused = statements.find((statement) => statement.name === name);
    expect(() => parse(excused?.text ?? 'SELECT 1', 'redshift')).toThrow(
      /COMPOUND|PASSWORD|DISABLE|ASSUMEROLE|FOR|value/,
    );
  });
});

describe('every SQL file', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, SQL)).map((file) => ({ folder, file: `${folder}/${file}` })),
  );

  test.each(files)('$file opens with a comment that is a sentence', ({ file }) => {
    const text = readFileSync(new URL(file, SQL), 'utf8');
    const comment = /^(?:-- .*\n|--\n)+/.exec(text)?.[0] ?? '';
    expect(comment).toMatch(/^-- [A-Z][^]*\.\n$/);
  });

  test.each(files.filter(({ folder }) => folder !== 'schema'))('$file holds one statement', ({ file }) => {
    expect(splitFile(readFileSync(new URL(file, SQL), 'utf8'))).toHaveLength(1);
  });
});

test('every load file is a step of all loads or of one source, and every step has its file', () => {
  const steps = [...COMMON_STEPS, GUARD, ...SOURCES.flatMap(({ copy, usable, steps: own }) => [copy, usable, ...own])];
  expect([...steps].sort()).toEqual(Object.keys(load).sort());
});

test('reports only read', () => {
  const reports = statements.filter(({ name }) => name.startsWith('report/'));
  expect(reports.filter(({ text }) => !/^(SELECT|WITH)\b/.test(text))).toEqual([]);
});

test('the transaction locks, stages, copies, rejects, merges dimensions before the fact, heals, and records last', () => {
  const order = Object.keys(load).sort();
  const milestones = [
    '01-lock',
    '04-create-staging-objects',
    '11-events-create-staging',
    '20-songs-copy',
    '22-copy-objects',
    '30-songs-reject',
    '42-songs-merge',
    '44-songs-merge-artists',
    '51-events-merge-users',
    '56-events-merge-time',
    '57-events-merge-songplays',
    '62-songs-heal',
    '71-events-count',
    '80-record-objects',
    '81-record-batch',
    '90-report',
  ];
  expect(order.filter((name) => milestones.includes(name))).toEqual(milestones);
  expect(order[0]).toBe('01-lock');
  expect(order.at(-1)).toBe('90-report');
});

/** A list between parentheses, or the columns of a DDL, taken apart. */
const parts = (list: string | undefined): string[] => (list ?? '').split(',').map((part) => part.trim());

/** The columns a table is created with. */
function columnsOf(table: string): string[] {
  const name = table.replace(/^:"schema"\./, '').replaceAll('"', '');
  const ddl = [...schema, ...Object.values(load).flatMap(splitFile)].find((text) =>
    new RegExp(`^CREATE (TEMP )?TABLE (IF NOT EXISTS )?(:"schema"\\.)?"?${name}"? \\(`).test(text),
  );
  if (ddl === undefined) throw new Error(`nothing creates ${table}`);
  return [...ddl.matchAll(/^ {2}([a-z_]+) +[A-Z]/gm)].map(([, column]) => column ?? '');
}

const merges = Object.entries(load).filter(([, text]) => /^MERGE\b/m.test(text));
const inserts = Object.entries(load).filter(([, text]) => /^INSERT\b/m.test(text));

describe('a MERGE', () => {
  test('is there for each of the five tables', () => {
    expect(merges).toHaveLength(5);
  });

  test.each(merges)('%s inserts every column of its table, each from the staged column of that name', (_, text) => {
    const [, table = ''] = /MERGE INTO (\S+)/.exec(text) ?? [];
    const [, columns, values] = /THEN INSERT\s*\(([^)]+)\)\s*VALUES \(([^)]+)\)/.exec(text) ?? [];
    expect(parts(columns).sort()).toEqual(columnsOf(table).sort());
    expect(parts(values)).toEqual(parts(columns).map((column) => `staged.${column}`));
  });

  test.each(merges)('%s updates every column that is not of its key', (_, text) => {
    const [, table = ''] = /MERGE INTO (\S+)/.exec(text) ?? [];
    const [, on = '', set] = /\bON ([^]+?)\nWHEN MATCHED THEN UPDATE SET\s+([^]+?)\nWHEN/.exec(text) ?? [];
    const key = [...on.matchAll(/= staged\.(\w+)/g)].map(([, column]) => column ?? '');
    const updated = parts(set).map((assignment) => /^(\w+) = staged\.\1$/.exec(assignment)?.[1]);
    // songplay_id is made of the key, so it never changes while the key is equal.
    const expected = columnsOf(table).filter((column) => !key.includes(column) && column !== 'songplay_id');
    expect(updated.sort()).toEqual(expected.sort());
  });
});

test.each(inserts)('%s names all columns of the table it inserts into', (name, text) => {
  const [, table = '', columns] = /INSERT INTO (\S+)\s*\(([^)]+)\)/.exec(text) ?? [];
  expect([name, parts(columns).sort()]).toEqual([name, columnsOf(table).sort()]);
});

test('what is created is dropped, and nothing else', () => {
  const named = (form: RegExp) =>
    schema.flatMap((text) => form.exec(text)?.slice(1, 3).join(' ').replaceAll('"', '') ?? []).sort();
  const created = named(/^CREATE (?:OR REPLACE )?(TABLE|VIEW) (?:IF NOT EXISTS )?:"schema"\.(\S+)/);
  expect(created.length).toBeGreaterThan(10);
  expect(named(/^DROP (TABLE|VIEW) IF EXISTS :"schema"\.(\S+)/)).toEqual(created);
});
