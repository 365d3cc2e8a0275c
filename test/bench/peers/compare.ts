/** Whether peers have loaded the same: rows of each table, and what is in plays and users. */
import { DuckDBInstance } from '@duckdb/node-api';

/** By table, its rows and the sum of the hashes of what all peers keep of them. */
export type Star = Record<string, { rows: number; hash: string }>;

/** Columns as every peer has them; types differ, so their texts are compared. Ours has fixed lengths, and strips what is behind them. */
const COLUMNS: Record<string, readonly string[]> = {
  songs: ['song_id', 'title', 'artist_id', 'year', 'duration'],
  artists: ['artist_id', 'name', 'location'],
  users: ['user_id', 'first_name', 'last_name', 'gender', 'level'],
  songplays: [
    'epoch_ms(start_time)',
    'user_id',
    'level',
    'song_id',
    'artist_id',
    'session_id',
    'item_in_session',
    'location',
  ],
  time: ['epoch_ms(start_time)', 'hour', 'day', 'week', 'month', 'year', 'weekday'],
};

/** Reads the star in a DuckDB file that nobody has open. */
export async function starOf(file: string, schema: string): Promise<Star> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const star: Star = {};
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const texts = columns.map((column) => `CAST(${column} AS VARCHAR)`);
    const found = await connection.runAndReadAll(
      `SELECT CAST(count(*) AS DOUBLE), CAST(coalesce(sum(hash(${texts.join(', ')})), 0) AS VARCHAR) FROM "${schema}"."${table}"`,
    );
    const [rows, hash] = found.getRows()[0] ?? [];
    star[table] = { rows: Number(rows), hash: String(hash) };
  }
  connection.closeSync();
  instance.closeSync();
  return star;
}

/** Throws, naming the table, when a peer has loaded something else: then its time is of another job. */
export function requireSame(name: string, theirs: Star | undefined, ours: Star | undefined): void {
  for (const table of Object.keys(COLUMNS)) {
    const [one, other] = [theirs?.[table], ours?.[table]].map((of) => JSON.stringify(of));
    if (one !== other) throw new Error(`${table} of ${name} is not ours: ${one} and ${other}`);
  }
}
