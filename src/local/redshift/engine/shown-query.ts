import { createTableSql } from '../sql/column-definitions.ts';
import { dropSql } from '../sql/ddl.ts';
import { engineName, quoteName } from '../sql/scope.ts';
import type { Table } from '../types.ts';

/**
 * A temporary table may show the rows of a query instead of its own, until it is changed. It saves a copy of all its rows, and
 * the engine reads rows that another transaction has committed with all its threads, those of the open one with a single thread.
 */

/** The engine's statements that make a table without rows show those of a query. */
export function showQuerySql(table: Table, rows: string): string[] {
  return [...dropSql(table), `CREATE TEMP VIEW ${quoteName(table.name)} AS ${rows}`];
}

/** The engine's statements that give a table that shows borrowed rows the same rows as its own. */
export function materializeSql(table: Table): string[] {
  const insert = `INSERT INTO ${engineName(table)} ${table.shownQuery ?? ''}`;
  return [...dropSql(table), ...createTableSql(table), insert];
}
