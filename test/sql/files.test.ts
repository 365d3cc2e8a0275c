import { readFileSync, readdirSync } from 'node:fs';
import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { placeholdersIn, render, splitFile } from '../../src/sql/template.ts';
import { readLoadFiles, readSources, readSqlFiles } from '../../src/sql/files.ts';
import { fitsStatements } from '../../src/load/transaction.ts';
import { byNumber, phaseOf, stageOf, STAGES } from '../../src/sql/stages.ts';

const sources = readSources();
const FOLDERS = [
  'schema',
  'admin',
  'report',
  'reconcile',
  'doctor',
  'load/common',
  ...sources.map(({ name }) => `load/${name}` as const),
] as const;
const SQL = new URL('../../sql/', import.meta.url);

/** Statements the parser of tests cannot read although Redshift can, and why. */
const UNREADABLE: Record<string, string> = {
  'admin/grant-hardened 2': 'the parser knows GRANT, but not ASSUMEROLE',
  'admin/create-user 1': 'the parser knows CREATE USER, but not PASSWORD DISABLE',
};

/** A template with every name filled in, as some load or report might. */
function filled(template: string): string {
  const plain = template.replace(/^[ \t]*--.*$/gm, '');
  const found = (form: RegExp) => [...plain.matchAll(form)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  const identifiers = found(/:"([a-z_]+)"/g);
  const literals = found(/:'([a-z_]+)'/g);
  const words = [...placeholdersIn(template)].filter((name) => !identifiers.includes(name) && !literals.includes(name));
  const keywords = words.filter((name) => ['codec', 'validation', 'privileges'].includes(name));
  const filledIn = <T>(names: string[], value: T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, value]));
  return render(template, {
    identifiers: filledIn(identifiers, 'sparkify'),
    literals: filledIn(literals, 'value'),
    keywords: {
      ...filledIn(keywords, ''),
      ...(keywords.includes('privileges') ? { privileges: 'SELECT, INSERT' } : {}),
    },
    parameters: words.filter((name) => !keywords.includes(name)),
  }).text;
}

type Shipped = { name: string; text: string };
const statements: Shipped[] = FOLDERS.flatMap((folder) =>
  Object.entries(readSqlFiles(folder)).flatMap(([file, text]) =>
    splitFile(text).map((statement, n) => ({ name: `${folder}/${file} ${n + 1}`, text: filled(statement) })),
  ),
);
const load = readLoadFiles();
const schema = Object.values(readSqlFiles('schema')).flatMap(splitFile);

describe('every statement that is shipped', () => {
  beforeAll(init);

  test.each(statements.filter(({ name }) => !(name in UNREADABLE)))('$name is SQL to a second parser', ({ text }) => {
    expect(parse(text, 'redshift')).toHaveLength(1);
  });

  test.each(Object.keys(UNREADABLE))('%s is excused only as long as the parser cannot read it', (name) => {
    const excused = statements.find((statement) => statement.name === name);
    expect(() => parse(excused?.text ?? 'SELECT 1', 'redshift')).toThrow(/PASSWORD|DISABLE|ASSUMEROLE|FOR|value/);
  });
});

describe('every SQL file', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, SQL))
      .filter((file) => file !== 'source.json')
      .map((file) => ({ folder, file: `${folder}/${file}` })),
  );

  test.each(files)('$file opens with a comment that is a sentence', ({ file }) => {
    const text = readFileSync(new URL(file, SQL), 'utf8');
    const comment = /^(?:-- .*\n|--\n)+/.exec(text)?.[0] ?? '';
    expect(comment).toMatch(/^-- [A-Z][^]*\.\n$/);
  });

  test.each(files.filter(({ folder }) => folder !== 'schema' && folder !== 'admin'))(
    '$file holds one statement',
    ({ file }) => {
      expect(splitFile(readFileSync(new URL(file, SQL), 'utf8'))).toHaveLength(1);
    },
  );
});

test('every load file says its stage, its number is its own, and staging comes before the lock', () => {
  const files = Object.keys(load).filter((file) => !file.endsWith('-count-usable'));
  const order = files.sort(byNumber);
  const phases = order.map((file) => phaseOf(stageOf(file)));
  expect(phases).toEqual([...phases].sort().reverse());
  const staging = order.map(stageOf).filter((stage) => phaseOf(stage) === 'staging');
  const positions = staging.map((stage) => STAGES.staging.findIndex((one) => one === stage));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(new Set(order.map((file) => parseInt(file.split('/')[1]!, 10))).size).toBe(order.length);
});

test.each(sources)('$name, in all four codecs, fits into the transactions of the Data API', (source) => {
  expect(fitsStatements([source], 4, load)).toBe(true);
});

test('reports only read', () => {
  const reports = statements.filter(({ name }) => name.startsWith('report/'));
  expect(reports.filter(({ text }) => !/^(SELECT|WITH)\b/.test(text))).toEqual([]);
});

test('a load stages and surveys, locks, merges dimensions before the fact, heals, and records last', () => {
  const order = Object.keys(load).sort(byNumber);
  const milestones = [
    'common/01-stage-set-timezone',
    'events/13-stage-create-events',
    'common/20-copy-objects',
    'songs/21-copy-songs',
    'songs/30-reject-songs',
    'events/36-pick-repeats',
    'events/41-count-events',
    'common/49-survey-report',
    'common/50-lock-load',
    'common/51-lock-number-batch',
    'common/52-lock-check-unchanged',
    'songs/61-merge-songs',
    'songs/63-merge-artists',
    'songs/69-heal-plays',
    'events/73-merge-users',
    'events/77-merge-time',
    'events/78-merge-songplays',
    'common/91-record-objects',
    'common/92-record-batch',
    'common/93-record-report',
  ];
  expect(order.filter((name) => milestones.includes(name))).toEqual(milestones);
  expect(order[0]).toBe('common/01-stage-set-timezone');
  expect(order.at(-1)).toBe('common/93-record-report');
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
  const added = schema.flatMap((text) => {
    const [, column] = new RegExp(`^ALTER TABLE :"schema"\\."?${name}"? ADD COLUMN ([a-z_]+) `).exec(text) ?? [];
    return column ?? [];
  });
  return [...[...ddl.matchAll(/^ {2}([a-z_]+) +[A-Z]/gm)].map(([, column]) => column ?? ''), ...added];
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
