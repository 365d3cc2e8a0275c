/** What two warehouses must agree on: the rows of the five tables, as one number each. */
import { DuckDBInstance } from '@duckdb/node-api';

const COLUMNS: Readonly<Record<string, string>> = {
  songplays:
    'songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent, song_title, artist_name, song_duration',
  users: 'user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session',
  songs: 'song_id, title, artist_id, year, duration, artist_name, artist_location, artist_latitude, artist_longitude',
  artists: 'artist_id, name, location, latitude, longitude, source_song_id',
  time: 'start_time, hour, day, week, month, year, weekday',
};

/** Rows and the sum of their hashes, by table. */
export type StarChecks = Record<string, { rows: number; hash: string }>;

/** Reads the checks of the star in a DuckDB file. The columns are cast alike, so that only their values count. */
export async function starChecks(file: string, schema: string): Promise<StarChecks> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const checks: StarChecks = {};
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const texts = columns.split(', ').map((column) => `CAST("${column}" AS VARCHAR)`);
    const found = await connection.runAndReadAll(
      `SELECT CAST(count(*) AS DOUBLE), CAST(coalesce(sum(hash(${texts.join(', ')})), 0) AS VARCHAR) FROM "${schema}"."${table}"`,
    );
    const [rows, hash] = found.getRows()[0] ?? [];
    checks[table] = { rows: Number(rows), hash: String(hash) };
  }
  connection.closeSync();
  instance.closeSync();
  return checks;
}
