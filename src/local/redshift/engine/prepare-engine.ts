import type { DuckDBConnection } from '@duckdb/node-api';
import { firstFacts } from '../rights/rights.ts';
import { ENGINE_MACROS } from '../sql/engine-macros.ts';
import { quoteLiteral } from '../sql/scope.ts';

const ENGINE_SETTINGS = [
  'SET GLOBAL integer_division = true',
  `SET GLOBAL default_null_order = 'NULLS_LAST_ON_ASC_FIRST_ON_DESC'`,
  // Redshift promises no order either, and large files are read a fifth faster.
  'SET GLOBAL preserve_insertion_order = false',
  `SET GLOBAL TimeZone = 'UTC'`,
  'SET GLOBAL autoinstall_known_extensions = false',
  'SET GLOBAL autoload_known_extensions = false',
];

/**
 * Makes an engine behave like Redshift as far as settings and functions can: call it once per database, outside any
 * transaction. Also creates the catalog's storage, Redshift's default schema `public`, and the rights that everybody starts with.
 */
export async function prepareEngine(connection: DuckDBConnection, database = 'dev'): Promise<void> {
  for (const setting of ENGINE_SETTINGS) await connection.run(setting);
  for (const macro of ENGINE_MACROS) await connection.run(`CREATE OR REPLACE MACRO ${macro}`);
  await connection.run('CREATE SCHEMA IF NOT EXISTS public');
  await connection.run('CREATE SCHEMA IF NOT EXISTS redshift_catalog');
  await connection.run(
    'CREATE TABLE IF NOT EXISTS redshift_catalog.tables (schema_name VARCHAR, table_name VARCHAR, definition VARCHAR)',
  );
  await connection.run('CREATE TABLE IF NOT EXISTS redshift_catalog.rights (fact VARCHAR, value VARCHAR)');
  const reader = await connection.runAndReadAll('SELECT 1 FROM redshift_catalog.rights LIMIT 1');
  if (reader.currentRowCount > 0) return;
  const rows = firstFacts(database).map((fact) => `(${fact.map(quoteLiteral).join(', ')})`);
  await connection.run(`INSERT INTO redshift_catalog.rights VALUES ${rows.join(', ')}`);
}
