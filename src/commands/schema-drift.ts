import { runReport } from '../ledger/reports.ts';
import { findDrift, readLiveColumns, type Drift } from '../schema/drift.ts';
import { newestVersion } from '../schema/migrations.ts';
import { readVersion } from '../schema/upgrade.ts';
import { readTables } from '../sql/files.ts';
import type { Connection } from '../ports.ts';
import { ledgerOf } from './connection.ts';
import { schemaDeps } from './create-tables.ts';
import { pluralize } from '../numbers.ts';
import { escapeControls } from './table.ts';

/**
 * In what the live schema differs from what this release made of it. One of another version differs in nothing: it is to be
 * upgraded before anybody asks. @throws LoaderError
 */
export async function readDrift(connection: Connection): Promise<Drift[]> {
  const { templates, config } = connection;
  const literals = { schema_name: config.names.schema };
  const [version, rows] = await Promise.all([
    readVersion(schemaDeps(connection)),
    runReport('live-columns', {}, ledgerOf(connection), { literals }),
  ]);
  return version === newestVersion(templates.schema) ? findDrift(readTables(), readLiveColumns(rows)) : [];
}

/** So many differences are told one by one; a whole schema that is another's would fill the screen. */
const TOLD = 5;

/** What differs in the schema, each with the next thing to type. */
export function driftAdvice(drift: readonly Drift[], schema: string): string[] {
  const told = drift
    .slice(0, TOLD)
    .map((one) => escapeControls(`${whatDiffers(one, schema)} → ${nextCommand(one, schema)}`));
  const more = drift.length - told.length;
  return more === 0 ? told : [...told, `${pluralize(more, 'more difference')} → npx sparkify status --json`];
}

function whatDiffers(drift: Drift, schema: string): string {
  const relation = `${schema}.${drift.relation}`;
  switch (drift.kind) {
    case 'missing relation':
      return `${relation} is missing`;
    case 'missing column':
      return `${relation} has no column ${drift.column} (${drift.expected})`;
    case 'extra column':
      return `${relation} has a column ${drift.column} (${drift.found}) that is not of this release`;
    case 'changed column':
      return `${relation} has ${drift.column} as ${drift.found}, and this release as ${drift.expected}`;
    case 'changed view':
      return `${relation} is another view than this release's`;
  }
}

function nextCommand(drift: Drift, schema: string): string {
  const relation = `${quoted(schema)}.${quoted(drift.relation)}`;
  switch (drift.kind) {
    case 'missing relation':
      return 'npx sparkify create-tables';
    case 'extra column':
      return `npx sparkify query 'ALTER TABLE ${relation} DROP COLUMN ${quoted(drift.column)}'`;
    case 'changed view':
      return `npx sparkify query 'DROP VIEW ${relation}' && npx sparkify create-tables`;
    case 'missing column':
      if (drift.expected.endsWith(' NOT NULL')) return makeAnew(relation, drift.relation);
      return `npx sparkify query 'ALTER TABLE ${relation} ADD COLUMN ${quoted(drift.column)} ${drift.expected}'`;
    case 'changed column':
      if (!differInLength(drift.found, drift.expected)) return makeAnew(relation, drift.relation);
      return `npx sparkify query 'ALTER TABLE ${relation} ALTER COLUMN ${quoted(drift.column)} TYPE ${withoutNull(drift.expected)}'`;
  }
}

/** The only change of a column's type that Redshift makes in place: https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html */
function differInLength(found: string, expected: string): boolean {
  const unsized = (text: string): string => text.replace(/^character varying\(\d+\)/, 'varchar');
  return unsized(expected).startsWith('varchar') && unsized(found) === unsized(expected);
}

function withoutNull(description: string): string {
  return description.replace(/ NOT NULL$/, '');
}

/** Its rows stay under another name, until somebody who has seen the new table removes them. */
function makeAnew(relation: string, name: string): string {
  const before = quoted(`${name}_before`);
  return `npx sparkify query 'ALTER TABLE ${relation} RENAME TO ${before}' && npx sparkify create-tables`;
}

/** A name inside of a statement that stands in single quotes of the shell. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""').replaceAll("'", `'\\''`)}"`;
}
