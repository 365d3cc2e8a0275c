import { readFileSync, writeFileSync } from 'node:fs';
import { ledgerOf } from '../../src/commands/connection.ts';
import { runReport } from '../../src/ledger/reports.ts';
import { findDrift, readLiveColumns, type Tables } from '../../src/schema/drift.ts';
import { relationsOf } from '../../src/schema/relations.ts';
import { readTables } from '../../src/sql/files.ts';
import type { Row } from '../../src/ports.ts';
import { startTestStack } from '../support/stack.ts';

const LISTING = new URL('../../sql/tables.json', import.meta.url);
const REWRITE = 'UPDATE_GOLDEN=1 npm test -- schema/tables';

let live: readonly Row[];
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  const { connection, stop } = await startTestStack({ eventSource: false });
  live = await runReport('live-columns', {}, ledgerOf(connection), { literals: { schema_name: 'sparkify' } });
  files = connection.templates.schema;
  await stop();
});

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
