import { readFileSync, writeFileSync } from 'node:fs';
import { ledgerOf } from '../../src/commands/connection.ts';
import { runReport } from '../../src/ledger/reports.ts';
import { findDrift, readLiveColumns, type Tables } from '../../src/schema/drift.ts';
import { relationsOf } from '../../src/schema/relations.ts';
import { readTables } from '../../src/sql/files.ts';
import type { Row } from '../../src/ports.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const LISTING = new URL('../../sql/tables.json', import.meta.url);
const REWRITE = 'UPDATE_GOLDEN=1 npm test -- schema/tables';

let stack: TestStack;
let live: readonly Row[];
let files: Readonly<Record<string, string>>;
const liveColumns = (): Promise<Row[]> =>
  runReport('live-columns', {}, ledgerOf(stack.connection), { literals: { schema_name: 'sparkify' } });
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
  live = await liveColumns();
  files = stack.connection.templates.schema;
});
afterAll(() => stack.stop());

/** The catalog after all migrations, tables and views in the order they are made. */
function listing(): Tables {
  const columns = readLiveColumns(live);
  const made = relationsOf(files).map(({ name, kind }) => ({ name, kind, columns: columns.get(name) ?? [] }));
  const tables = made.filter(({ kind }) => kind === 'table');
  const views = made.filter(({ kind }) => kind === 'view');
  return {
    tables: Object.fromEntries(tables.map((one) => [one.name, Object.fromEntries(one.columns)])),
    views: Object.fromEntries(views.map((one) => [one.name, [...one.columns].map(([name]) => name)])),
  };
}

test('sql/tables.json lists what all migrations leave', () => {
  const text = `${JSON.stringify(listing(), undefined, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(LISTING, text);
  try {
    expect(text).toBe(readFileSync(LISTING, 'utf8'));
  } catch (error) {
    throw new Error(`${String(error)}\n\nIf the change is meant, accept and review it: ${REWRITE}`, { cause: error });
  }
});

test('everything in the schema is listed, and a schema just made differs in nothing', () => {
  const { tables, views } = readTables();
  expect([...readLiveColumns(live).keys()].sort()).toEqual([...Object.keys(tables), ...Object.keys(views)].sort());
  expect(findDrift(readTables(), readLiveColumns(live))).toEqual([]);
});

describe('the tables of a test are as if just made', () => {
  const load = async (): Promise<unknown> => {
    await stack.put('song_data/a.json', song(1));
    await stack.put('log_data/bad.json', '{');
    await stack.put('log_data/a.json', event(1));
    await stack.deliver(stack.takeMessages());
    const [counts] = await stack.rows(
      `SELECT (SELECT MAX(batch_no) FROM ${stack.schema}.load_lock) AS number, COUNT(*) AS objects FROM ${stack.schema}.load_objects`,
    );
    return counts;
  };
  const rights = (): Promise<Row[]> =>
    stack.rows(
      'SELECT * FROM svv_relation_privileges ORDER BY namespace_name, relation_name, identity_name, privilege_type',
    );

  test('when rows were all that differed, for which nothing is made anew', async () => {
    const empty = await stack.everything();
    const made = stack.warehouse.catalogVersion();
    expect(await load()).toEqual({ number: 1, objects: 3 });
    await stack.reset();
    expect(await stack.everything()).toEqual(empty);
    expect(stack.warehouse.catalogVersion()).toBe(made);
    expect(await load()).toEqual({ number: 1, objects: 3 });
  });

  test.each([
    ['a table is gone', 'DROP TABLE sparkify.tracks'],
    ['a column was added', 'ALTER TABLE sparkify.songs ADD COLUMN genre VARCHAR(9)'],
    ['a right was taken', 'REVOKE SELECT ON sparkify.songs FROM "IAMR:sparkify-local-loader"'],
    ['the version is another', 'UPDATE sparkify.schema_version SET version = 99 WHERE version = 3'],
  ])('when %s', async (_, statement) => {
    const before = await rights();
    await stack.rows(statement);
    await stack.reset();
    expect(await liveColumns()).toEqual(live);
    expect(await rights()).toEqual(before);
    expect(await stack.count('schema_version')).toBe(3);
    expect(await load()).toEqual({ number: 1, objects: 3 });
    await stack.reset();
  });
});
