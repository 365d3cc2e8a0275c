/**
 * One line per row and one checksum per table, equal for the oracle and for a warehouse that holds the same rows.
 * The format is the one of the checked answer: columns joined by \x1f, NULL as \N, floats with six decimals, instants as
 * epoch milliseconds, rows sorted by their bytes, SHA-256 in hex.
 */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Star } from './oracle.ts';
import { starColumns, type StarColumn } from './star-columns.ts';

/** The five tables of the star. */
export type TableName = 'songplays' | 'users' | 'songs' | 'artists' | 'time';

/** The names of the five tables. */
export const tableNames: readonly TableName[] = ['songplays', 'users', 'songs', 'artists', 'time'];

type Cell = string | number | null;

/** The columns of the checked answer, in its order. It was made elsewhere, so they are listed here. */
const PUBLISHED: Record<TableName, string> = {
  songplays: 'start_time user_id level song_id artist_id session_id location user_agent',
  users: 'user_id first_name last_name gender level',
  songs: 'song_id title artist_id year duration',
  artists: 'artist_id name location latitude longitude',
  time: 'start_time hour day week month year weekday',
};

/** Which columns to look at: those of the checked answer, or all that the objects decide. */
export type ColumnSet = 'published' | 'all';

/** SHA-256 (hex) of a table in the checked answer's format. Floats must come as text with six decimals already. */
export function tableChecksum(rows: Cell[][]): string {
  const lines = rows.map((row) => Buffer.from(row.map((cell) => cell ?? '\\N').join('\x1f') + '\n'));
  const hash = createHash('sha256');
  for (const line of lines.sort((one, other) => Buffer.compare(one, other))) hash.update(line);
  return hash.digest('hex');
}

/** The rows of one table of the oracle's star, ready for `tableChecksum`. */
export function oracleRows(star: Star, table: TableName, set: ColumnSet = 'published'): Cell[][] {
  const rows: Record<string, Cell>[] = star[table];
  return rows.map((row) =>
    columnsOf(table, set).map(({ name, kind }) => {
      if (!(name in row)) throw new Error(`${table}.${name} is in the schema, and the oracle does not know it`);
      const value = row[name] ?? null;
      return kind === 'float' && typeof value === 'number' ? value.toFixed(6) : value;
    }),
  );
}

/** The rows of one table of a DuckDB warehouse, ready for `tableChecksum`. */
export async function warehouseRows(
  connection: DuckDBConnection,
  table: TableName,
  set: ColumnSet = 'published',
  schema = 'sparkify',
): Promise<Cell[][]> {
  const selected = columnsOf(table, set).map(({ name, kind }) => {
    if (kind === 'text') return `"${name}"`;
    if (kind === 'integer') return `"${name}"::VARCHAR`;
    return kind === 'instant' ? `epoch_ms("${name}")::VARCHAR` : `printf('%.6f', "${name}"::DOUBLE)`;
  });
  const result = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM "${schema}"."${table}"`);
  return result.getRows() as Cell[][];
}

/** Row count and checksum per table. */
export type Checksums = Record<TableName, { count: number; sha256: string }>;

/** Row count and checksum of each table of the oracle's star. */
export function oracleChecksums(star: Star, set: ColumnSet = 'published'): Checksums {
  return checksumsOf(tableNames.map((table) => [table, oracleRows(star, table, set)]));
}

/** Row count and checksum of each table of a DuckDB warehouse. */
export async function warehouseChecksums(
  connection: DuckDBConnection,
  set: ColumnSet = 'published',
  schema = 'sparkify',
): Promise<Checksums> {
  const tables: [TableName, Cell[][]][] = [];
  for (const table of tableNames) tables.push([table, await warehouseRows(connection, table, set, schema)]);
  return checksumsOf(tables);
}

function checksumsOf(tables: [TableName, Cell[][]][]): Checksums {
  return Object.fromEntries(
    tables.map(([table, rows]) => [table, { count: rows.length, sha256: tableChecksum(rows) }]),
  ) as Checksums;
}

function columnsOf(table: TableName, set: ColumnSet): StarColumn[] {
  // songplay_id is made of the key, which is compared itself.
  const all = starColumns(table).filter(({ name }) => name !== 'songplay_id');
  if (set === 'all') return all;
  return PUBLISHED[table].split(' ').map((name) => {
    const column = all.find((one) => one.name === name);
    if (column === undefined) throw new Error(`${table} has no column ${name}`);
    return column;
  });
}
