import { createTableSql } from '../sql/column-definitions.ts';
import { dropSql } from '../sql/ddl.ts';
import { engineName, quoteName } from '../sql/scope.ts';
import type { Table } from '../types.ts';

/**
 * A temporary table may show the rows of a query, as a view, until it is changed. That saves a copy of all its rows, and the
 * engine reads rows committed by another transaction with all its threads, those of the open one with a single thread.
 */

/** The engine's statements that make an empty table show a query. */
export function showQuerySql(table: Table, rows: string): string[] {
  return [...dropSql(table), `CREATE TEMP VIEW ${quoteName(table.name)} AS ${rows}`];
}

/** The engine's statements that copy the shown rows into the table itself. */
export function materializeSql(table: Table): string[] {
  const insert = `INSERT INTO ${engineName(table)} ${table.shownQuery ?? ''}`;
  return [...dropSql(table), ...createTableSql(table), insert];
}
