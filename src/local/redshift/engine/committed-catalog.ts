import type { DuckDBConnection } from '@duckdb/node-api';
import { CATALOG_VIEWS } from './catalog-views.ts';
import type { PermanentTables } from './permanent-tables.ts';
import { columnTypeOf } from '../sql/data-types.ts';
import { quoteName } from '../sql/scope.ts';
import type { Column, DatabaseCatalog, Table } from '../types.ts';

/** System tables and views that exist here, by their bare names. */
export const SYSTEM_VIEWS: ReadonlySet<string> = new Set([
  'stl_load_errors',
  'sys_load_error_detail',
  'sys_load_history',
  'sys_load_detail',
  'stl_load_commits',
  'svv_columns',
  'svv_table_info',
  ...CATALOG_VIEWS,
]);

/** A system table or view, as it is found by its name. */
export const systemView = (name: string): Table => ({
  schema: 'redshift_system',
  name,
  temporary: false,
  kind: 'system view',
  columns: [],
});

/** What everybody sees, as committed now: asks the engine for what is not kept here. The log of loads must be there. */
export function committedCatalog(permanent: PermanentTables, connection: DuckDBConnection): DatabaseCatalog {
  return {
    schemas: () => Promise.resolve(permanent.schemas()),
    tables: async () => {
      const views = [...SYSTEM_VIEWS].map((name) => withColumns(systemView(name), connection));
      return [...permanent.list(), ...(await Promise.all(views))];
    },
  };
}

/** A table with its columns, asked of the engine where they are not known, as with those made by queries. */
export async function withColumns(table: Table, connection: DuckDBConnection): Promise<Table> {
  if (table.columns.length > 0) return table;
  // Asking for no rows is far cheaper than the engine's catalog, which is searched as a whole.
  const name = quoteName(table.name);
  const place = table.temporary ? 'temp.main' : quoteName(table.place ?? table.schema ?? 'public');
  const empty = await connection.run(`SELECT * FROM ${place}.${name} LIMIT 0`);
  const types = empty.columnTypes();
  const columns = empty.columnNames().map((column, index): Column => ({
    name: column,
    type: columnTypeOf(String(types[index])),
    notNull: false,
  }));
  return { ...table, columns };
}
