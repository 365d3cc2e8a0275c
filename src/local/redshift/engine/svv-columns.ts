import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral, quoteName } from '../sql/scope.ts';

/**
 * Creates the view behind `svv_columns`, which shows the catalog as last committed: a row for each column of each permanent
 * table and view. What has no meaning here is NULL; the columns of system views are not listed. Call it once the database
 * `redshift_system` is attached. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html
 */
export async function prepareSvvColumns(connection: DuckDBConnection, database: string): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT current_database()');
  await connection.run(definition(quoteName(String(reader.getRows()[0]?.[0])), quoteLiteral(database)));
}

const definition = (engineDatabase: string, database: string): string => `
CREATE VIEW redshift_system.svv_columns AS
WITH positions AS (
  SELECT schema_name, table_name, definition,
    unnest(range(1, CAST(json_array_length(definition, '$.columns') AS BIGINT) + 1)) AS position
  FROM ${engineDatabase}.redshift_catalog.tables
), columns AS (
  SELECT schema_name, table_name, position, json_extract(definition, '$.columns[' || (position - 1) || ']') AS described
  FROM positions
), typed AS (
  SELECT *, described ->> '$.type.name' AS type_name FROM columns
)
SELECT
  ${database} AS table_catalog, schema_name AS table_schema, table_name, described ->> '$.name' AS column_name,
  CAST(position AS INTEGER) AS ordinal_position, described ->> '$.defaultText' AS column_default,
  CASE WHEN described ->> '$.notNull' = 'true' THEN 'NO' ELSE 'YES' END AS is_nullable, type_name AS data_type,
  CAST(described ->> '$.type.lengthBytes' AS INTEGER) AS character_maximum_length,
  CASE type_name
    WHEN 'smallint' THEN 16 WHEN 'integer' THEN 32 WHEN 'bigint' THEN 64 WHEN 'real' THEN 24 WHEN 'double precision' THEN 53
    ELSE CAST(described ->> '$.type.precision' AS INTEGER) END AS numeric_precision,
  CASE WHEN type_name = 'numeric' THEN 10
    WHEN type_name IN ('smallint', 'integer', 'bigint', 'real', 'double precision') THEN 2 END AS numeric_precision_radix,
  CASE WHEN type_name IN ('smallint', 'integer', 'bigint') THEN 0
    ELSE CAST(described ->> '$.type.scale' AS INTEGER) END AS numeric_scale,
  CAST(NULL AS INTEGER) AS datetime_precision, CAST(NULL AS VARCHAR) AS interval_type,
  CAST(NULL AS VARCHAR) AS interval_precision, CAST(NULL AS VARCHAR) AS character_set_catalog,
  CAST(NULL AS VARCHAR) AS character_set_schema, CAST(NULL AS VARCHAR) AS character_set_name,
  CAST(NULL AS VARCHAR) AS collation_catalog, CAST(NULL AS VARCHAR) AS collation_schema,
  CAST(NULL AS VARCHAR) AS collation_name, CAST(NULL AS VARCHAR) AS domain_name, CAST(NULL AS VARCHAR) AS remarks
FROM typed`;
