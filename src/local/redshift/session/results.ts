import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { SqlError } from '../types.ts';

/** Redshift's name for a result column's type, and its sizes where the type has them. */
export type ResultType = { typeName: string; precision?: number; scale?: number; length?: number };

/** How a client wants its result: fields in JSON for GetStatementResult, or text for GetStatementResultV2. */
export type ResultFormat = 'JSON' | 'CSV';

/** A finished result set, already cut into the pages a client gets, each the text of the JSON array `Records`. */
export type ResultSet = { columnMetadata: string; pages: string[]; rows: number; sizeBytes: number };

/**
 * Limits of a result: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
 * (500 MB after compression there; here the text counts, which is never smaller). CSV comes in chunks of at most 1 MB, up to
 * 15 MB in one call: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
 * The page size of JSON is ours: the Data API only promises that long results come in pages.
 */
const ROW_LIMIT_BYTES = 64 * 1024;
const RESULT_LIMIT_BYTES = 500 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const CSV_CHUNKS_PER_PAGE = 14;

/** How rows are written: `cell` one field of a type, `row` its fields, `chunk` its rows. */
type Layout = {
  cell: (type: ResultType) => (value: DuckDBValue) => string;
  row: (cells: string[]) => string;
  chunk: (rows: string[]) => string;
  chunksPerPage: number;
};

const LAYOUTS: Record<ResultFormat, Layout> = {
  JSON: { cell: jsonCell, row: (cells) => `[${cells.join(',')}]`, chunk: (rows) => rows.join(','), chunksPerPage: 1 },
  CSV: {
    cell: () => csvCell,
    row: (cells) => `${cells.join(',')}\r\n`,
    chunk: (rows) => JSON.stringify({ CSVRecords: rows.join('') }),
    chunksPerPage: CSV_CHUNKS_PER_PAGE,
  },
};

/**
 * Reads a streamed result to its end, page by page, so that memory holds the reply's text and one chunk of rows.
 * Throws SqlError for a row or a result beyond the Data API's limits.
 */
export async function readResult(
  result: DuckDBResult,
  typeOf: (duckdbType: string) => ResultType,
  format: ResultFormat,
): Promise<ResultSet> {
  const types = result.columnTypes().map((type) => typeOf(type.toString()));
  const names = result.columnNames();
  const layout = LAYOUTS[format];
  const cells = types.map(layout.cell);
  const pages = new Pages(layout);
  // The first row of a CSV result names the columns.
  if (format === 'CSV') pages.add(layout.row(names.map((name) => csvCell(name.toLowerCase()))));
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const values of chunk.getRows()) {
      if (dataBytes(values) > ROW_LIMIT_BYTES) throw new SqlError('Packet for query is too large');
      rows += 1;
      pages.add(layout.row(cells.map((write, index) => write(values[index] ?? null))));
    }
  }
  const columns = names.map((name, index) => columnMetadata(name, types[index]));
  return { columnMetadata: JSON.stringify(columns), pages: pages.finish(), rows, sizeBytes: pages.sizeBytes };
}

/** Cuts rows into chunks and chunks into pages. */
class Pages {
  readonly #layout: Layout;
  readonly #pages: string[] = [];
  #chunks: string[] = [];
  #rows: string[] = [];
  #chunkSize = 0;
  sizeBytes = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  add(row: string): void {
    const size = Buffer.byteLength(row);
    if (this.#chunkSize + size > CHUNK_BYTES) this.#endChunk();
    this.#rows.push(row);
    this.#chunkSize += size;
    this.sizeBytes += size;
    if (this.sizeBytes > RESULT_LIMIT_BYTES) throw new SqlError('Query result size exceeds the limit of 500 MB');
  }

  finish(): string[] {
    this.#endChunk();
    if (this.#chunks.length > 0 || this.#pages.length === 0) this.#endPage();
    return this.#pages;
  }

  #endChunk(): void {
    if (this.#rows.length === 0) return;
    this.#chunks.push(this.#layout.chunk(this.#rows));
    this.#rows = [];
    this.#chunkSize = 0;
    if (this.#chunks.length === this.#layout.chunksPerPage) this.#endPage();
  }

  #endPage(): void {
    this.#pages.push(`[${this.#chunks.join(',')}]`);
    this.#chunks = [];
  }
}

function dataBytes(values: DuckDBValue[]): number {
  let bytes = 0;
  for (const value of values) bytes += typeof value === 'string' ? Buffer.byteLength(value) : 8;
  return bytes;
}

/** How one column's values are written as Data API fields: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html */
function jsonCell(type: ResultType): (value: DuckDBValue) => string {
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

/**
 * One CSV field, quoted where it must be. NULL and the empty text look alike: AWS does not say how they differ, so no client
 * can tell them apart.
 */
function csvCell(value: DuckDBValue): string {
  if (value === null) return '';
  const written = textOf(value);
  return /[",\r\n]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
}

function textOf(value: DuckDBValue): string {
  return typeof value === 'string' ? value : String(value);
}

/** Describes a column: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ColumnMetadata.html */
export function columnMetadata(name: string, type: ResultType | undefined): Record<string, unknown> {
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
