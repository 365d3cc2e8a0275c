/**
 * One line per row and one checksum per table, equal for the oracle and for a warehouse that holds the same rows.
 * The format is the one of the checked answer: columns joined by \x1f, NULL as \N, floats with six decimals, instants as
 * epoch milliseconds, rows sorted by their bytes, SHA-256 in hex.
 */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Star } from './oracle.ts';

/** The five tables of the star. */
export type TableName = 'songplays' | 'users' | 'songs' | 'artists' | 'time';

/** The names of the five tables. */
export const tableNames: readonly TableName[] = ['songplays', 'users', 'songs', 'artists', 'time'];

type Column = { name: string; kind: 'text' | 'integer' | 'float' | 'instant' };
type Cell = string | number | null;

/** The columns of the checked answer, in its order. */
const publishedColumns: Record<TableName, Column[]> = {
  songplays: columns('start_time:instant user_id level song_id artist_id session_id:integer location user_agent'),
  users: columns('user_id first_name last_name gender level'),
  songs: columns('song_id title artist_id year:integer duration:float'),
  artists: columns('artist_id name location latitude:float longitude:float'),
  time: columns('start_time:instant hour:integer day:integer week:integer month:integer year:integer weekday:integer'),
};

/** Every column that the objects alone decide: the published ones and those the loader keeps for its own rules. */
const allColumns: Record<TableName, Column[]> = {
  songplays: [
    ...publishedColumns.songplays,
    ...columns('item_in_session:integer song_title artist_name song_duration:float'),
  ],
  users: [
    ...publishedColumns.users,
    ...columns('last_event_at:instant last_session_id:integer last_item_in_session:integer'),
  ],
  songs: [
    ...publishedColumns.songs,
    ...columns('artist_name artist_location artist_latitude:float artist_longitude:float'),
  ],
  artists: [...publishedColumns.artists, ...columns('source_song_id')],
  time: publishedColumns.time,
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

function columnsOf(table: TableName, set: ColumnSet): Column[] {
  return set === 'all' ? allColumns[table] : publishedColumns[table];
}

/** Reads `name` or `name:kind`, separated by blanks; a column without a kind is text. */
function columns(list: string): Column[] {
  return list.split(' ').map((entry) => {
    const [name = '', kind = 'text'] = entry.split(':');
    return { name, kind: kind as Column['kind'] };
  });
}
