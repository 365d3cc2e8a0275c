import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { SqlError } from './types.ts';

/** Redshift's name for a result column's type, and its sizes where the type has them. */
export type ResultType = { typeName: string; precision?: number; scale?: number; length?: number };

/** A finished result set, already cut into the pages GetStatementResult hands out, each the text of a JSON array of rows. */
export type ResultSet = { columnMetadata: string; pages: string[]; rows: number; sizeBytes: number };

/**
 * Limits of a result: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
 * (500 MB after compression there; here the JSON text counts, which is never smaller). The page size is ours: the
 * Data API only promises that long results come in pages.
 */
const rowLimitBytes = 64 * 1024;
const resultLimitBytes = 500 * 1024 * 1024;
const pageBytes = 1024 * 1024;

/**
 * Reads a streamed result to its end, page by page, so that memory holds the reply's text and one chunk of rows.
 * Throws SqlError for a row or a result beyond the Data API's limits.
 */
export async function readResult(result: DuckDBResult, typeOf: (duckdbType: string) => ResultType): Promise<ResultSet> {
  const types = result.columnTypes().map((type) => typeOf(type.toString()));
  const cells = types.map(cellWriter);
  const pages: string[] = [];
  let page: string[] = [];
  let pageSize = 0;
  let rows = 0;
  let sizeBytes = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const values of chunk.getRows()) {
      const text = `[${cells.map((write, index) => write(values[index] ?? null)).join(',')}]`;
      if (dataBytes(values) > rowLimitBytes) throw new SqlError('Packet for query is too large');
      rows += 1;
      page.push(text);
      pageSize += text.length;
      if (pageSize < pageBytes) continue;
      pages.push(`[${page.join(',')}]`);
      sizeBytes += pageSize;
      if (sizeBytes > resultLimitBytes) throw new SqlError('Query result size exceeds the limit of 500 MB');
      page = [];
      pageSize = 0;
    }
  }
  if (page.length > 0 || pages.length === 0) pages.push(`[${page.join(',')}]`);
  const columnMetadata = JSON.stringify(result.columnNames().map((name, index) => metadata(name, types[index])));
  return { columnMetadata, pages, rows, sizeBytes: sizeBytes + pageSize };
}

function dataBytes(values: DuckDBValue[]): number {
  let bytes = 0;
  for (const value of values) bytes += typeof value === 'string' ? Buffer.byteLength(value) : 8;
  return bytes;
}

/** How one column's values are written as Data API fields: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html */
function cellWriter(type: ResultType): (value: DuckDBValue) => string {
  const written = writerOf(type.typeName);
  return (value) => (value === null ? '{"isNull":true}' : written(value));
}

function writerOf(typeName: string): (value: DuckDBValue) => string {
  switch (typeName) {
    case 'int2':
    case 'int4':
    case 'int8':
      return (value) => `{"longValue":${textOf(value)}}`;
    case 'float4':
    case 'float8':
      return (value) => `{"doubleValue":${Number.isFinite(value) ? textOf(value) : JSON.stringify(textOf(value))}}`;
    case 'bool':
      return (value) => `{"booleanValue":${textOf(value)}}`;
    default:
      return (value) => `{"stringValue":${JSON.stringify(textOf(value))}}`;
  }
}

function textOf(value: DuckDBValue): string {
  return typeof value === 'string' ? value : String(value);
}

function metadata(name: string, type: ResultType | undefined): Record<string, unknown> {
  const label = name.toLowerCase();
  const typeName = type?.typeName ?? 'varchar';
  const numeric = /^(int|float|numeric)/.test(typeName);
  return {
    isCaseSensitive: typeName === 'varchar' || typeName === 'bpchar',
    isCurrency: false,
    isSigned: numeric,
    label,
    length: type?.length ?? 0,
    name: label,
    nullable: 1,
    precision: type?.precision ?? 0,
    scale: type?.scale ?? 0,
    schemaName: '',
    tableName: '',
    typeName,
  };
}
