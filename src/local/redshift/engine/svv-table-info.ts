import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral, quoteName } from '../sql/scope.ts';

/**
 * Creates the view behind `svv_table_info`: a row for each table that is committed and has rows; as on Redshift, rows deleted
 * of late may still count. What the engine does not have is NULL, such as blocks, unsorted rows and statistics. Call it once the
 * database `redshift_system` is attached. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
 */
export async function prepareSvvTableInfo(connection: DuckDBConnection, database: string): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT current_database()');
  await connection.run(definition(String(reader.getRows()[0]?.[0]), quoteLiteral(database)));
}

const unknown = (columns: Record<string, string>): string =>
  Object.entries(columns)
    .map(([name, type]) => `CAST(NULL AS ${type}) AS ${name}`)
    .join(', ');

const definition = (engineDatabase: string, database: string): string => `
CREATE VIEW redshift_system.svv_table_info AS
SELECT
  ${database} AS database, known.schema_name AS schema, CAST(held.table_oid AS INTEGER) AS table_id,
  known.table_name AS "table", ${unknown({ encoded: 'VARCHAR', diststyle: 'VARCHAR' })},
  known.definition ->> '$.sortKey' AS sortkey1,
  list_max([CAST(type ->> '$.lengthBytes' AS INTEGER) FOR type IN json_extract(known.definition, '$.columns[*].type')
    IF type ->> '$.name' = 'character varying']) AS max_varchar,
  ${unknown({ sortkey1_enc: 'VARCHAR', sortkey_num: 'INTEGER', size: 'BIGINT', pct_used: 'DECIMAL(10, 4)', empty: 'BIGINT' })},
  ${unknown({ unsorted: 'DECIMAL(5, 2)', stats_off: 'DECIMAL(5, 2)' })},
  CAST(held.estimated_size AS DECIMAL(38, 0)) AS tbl_rows,
  ${unknown({ skew_sortkey1: 'DECIMAL(19, 2)', skew_rows: 'DECIMAL(19, 2)', estimated_visible_rows: 'DECIMAL(38, 0)' })},
  ${unknown({ risk_event: 'VARCHAR', vacuum_sort_benefit: 'DECIMAL(12, 2)', create_time: 'TIMESTAMP' })}
FROM duckdb_tables() AS held
JOIN ${quoteName(engineDatabase)}.redshift_catalog.tables AS known
  ON COALESCE(known.definition ->> '$.place', known.schema_name) = held.schema_name AND known.table_name = held.table_name
WHERE held.database_name = ${quoteLiteral(engineDatabase)} AND held.estimated_size > 0`;
