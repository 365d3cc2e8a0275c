import type { DuckDBConnection } from '@duckdb/node-api';
import { ADMINISTRATOR } from '../rights/rights.ts';
import { quoteLiteral, quoteName } from '../sql/scope.ts';

/**
 * Creates the views that say who owns and may do what, over what is committed. What cannot exist here has a view without rows:
 * rights on columns, policies, default privileges and datashares. Call it once the database `redshift_system`
 * is attached. The columns are those of https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
 */
export async function prepareCatalogViews(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT current_database()');
  const database = quoteName(String(reader.getRows()[0]?.[0]));
  for (const [name, query] of Object.entries({ ...filled(`${database}.redshift_catalog`), ...EMPTY })) {
    await connection.run(`CREATE VIEW redshift_system.${name} AS ${query}`);
  }
}

const filled = (catalog: string): Record<string, string> => ({
  pg_user: `
SELECT fact ->> '$[1]' AS usename, CAST(NULL AS INTEGER) AS usesysid, value = 'superuser' AS usecreatedb,
  value = 'superuser' AS usesuper, FALSE AS usecatupd, '********' AS passwd, CAST(NULL AS TIMESTAMP) AS valuntil,
  CAST(NULL AS VARCHAR) AS useconfig
FROM ${catalog}.rights WHERE fact ->> '$[0]' = 'user'`,
  pg_tables: `
SELECT schema_name AS schemaname, table_name AS tablename, COALESCE(definition ->> '$.owner', ${quoteLiteral(ADMINISTRATOR)})
  AS tableowner, CAST(NULL AS VARCHAR) AS tablespace, FALSE AS hasindexes, FALSE AS hasrules, FALSE AS hastriggers
FROM ${catalog}.tables WHERE definition ->> '$.kind' = 'table'`,
  pg_views: `
SELECT schema_name AS schemaname, table_name AS viewname, COALESCE(definition ->> '$.owner', ${quoteLiteral(ADMINISTRATOR)})
  AS viewowner, COALESCE(definition ->> '$.query', '') AS definition
FROM ${catalog}.tables WHERE definition ->> '$.kind' = 'view'`,
  svv_relation_privileges: `
SELECT fact ->> '$[1]' AS namespace_name, fact ->> '$[2]' AS relation_name, unnest(string_split(value, ',')) AS privilege_type,
  ${grantee('$[3]')}
FROM ${catalog}.rights WHERE fact ->> '$[0]' = 'relation'`,
  svv_schema_privileges: `
SELECT fact ->> '$[1]' AS namespace_name, unnest(string_split(value, ',')) AS privilege_type, ${grantee('$[2]')},
  'SCHEMA' AS privilege_scope
FROM ${catalog}.rights WHERE fact ->> '$[0]' = 'schema'`,
});

/** Whom a right was given to: a user, or PUBLIC, whose name is empty here and written so on Redshift. */
function grantee(path: string): string {
  const name = `fact ->> '${path}'`;
  return `CAST(NULL AS INTEGER) AS identity_id, CASE WHEN ${name} = '' THEN 'public' ELSE ${name} END AS identity_name,
  CASE WHEN ${name} = '' THEN 'public' ELSE 'user' END AS identity_type, FALSE AS admin_option`;
}

const empty = (...columns: string[]): string =>
  `SELECT ${columns.map((name) => `CAST(NULL AS VARCHAR) AS ${name}`).join(', ')} WHERE FALSE`;

const EMPTY: Readonly<Record<string, string>> = {
  svv_column_privileges: empty(
    ...['namespace_name', 'relation_name', 'column_name', 'privilege_type'],
    ...['identity_id', 'identity_name', 'identity_type'],
  ),
  svv_rls_attached_policy: empty(
    ...['relschema', 'relname', 'relkind', 'polname', 'grantor', 'grantee', 'granteekind', 'is_pol_on', 'is_rls_on'],
  ),
  svv_attached_masking_policy: empty(
    ...['policy_name', 'schema_name', 'table_name', 'table_type', 'grantor', 'grantee', 'grantee_type', 'priority'],
    ...['input_columns', 'output_columns'],
  ),
  svv_default_privileges: empty(
    ...['schema_name', 'object_type', 'owner_id', 'owner_name', 'owner_type', 'privilege_type'],
    ...['grantee_id', 'grantee_name', 'grantee_type', 'admin_option'],
  ),
  svv_datashare_objects: empty(
    ...['share_type', 'share_name', 'object_type', 'object_name', 'producer_account', 'producer_namespace'],
  ),
};

/** The views made here, by their bare names. */
export const CATALOG_VIEWS: readonly string[] = [...Object.keys(filled('')), ...Object.keys(EMPTY)];
