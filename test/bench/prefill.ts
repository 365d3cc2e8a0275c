/** A warehouse that has seen years of plays already. */
import { DuckDBInstance } from '@duckdb/node-api';
import { startBenchLoader } from './loader.ts';

/** Plays a user has in a row; their number makes session and place of each play. */
const PLAYS_PER_SESSION = 20;

/**
 * Makes a warehouse in `home` with so many plays, in the order of time as years of loading leave them, spread evenly over the
 * years up to the end of the sample's month, so that new batches fall among them and not behind them.
 */
export async function prefill(home: string, plays: number): Promise<void> {
  const loader = await startBenchLoader(home);
  await loader.stop();
  const instance = await DuckDBInstance.create(loader.stack.warehouseFile, { memory_limit: '4GB' });
  const connection = await instance.connect();
  await connection.run(`INSERT INTO sparkify.songplays
    (songplay_id, start_time, user_id, level, session_id, item_in_session, location, user_agent, song_title, artist_name,
      song_duration, batch_id)
    SELECT md5(CAST(i AS VARCHAR)), make_timestamp(1262304000000000 + i * (281318400000000 // ${plays} // 1000 * 1000)),
      CAST(i % 40000 AS VARCHAR), 'free', 10000000 + i // ${PLAYS_PER_SESSION}, CAST(i % ${PLAYS_PER_SESSION} AS INTEGER),
      'Town ' || i % 500, 'Browser ' || i % 60, 'Title ' || i % 100000, 'Artist ' || i % 20000, 100 + i % 300, 'earlier'
    FROM range(${plays}) AS r(i)`);
  await connection.run(`INSERT INTO sparkify."time" SELECT DISTINCT start_time, hour(start_time), day(start_time),
    week(start_time), month(start_time), year(start_time), dayofweek(start_time) FROM sparkify.songplays ORDER BY start_time`);
  // As the loader keeps them: every track that was played, and its first and last day.
  await connection.run(`INSERT INTO sparkify.tracks (song_title, artist_name, song_duration, first_played, last_played)
    SELECT rtrim(song_title, ' '), rtrim(artist_name, ' '), song_duration, date_trunc('day', min(start_time)),
      date_trunc('day', max(start_time)) + INTERVAL 86399999 MILLISECONDS
    FROM sparkify.songplays WHERE song_title IS NOT NULL AND artist_name IS NOT NULL AND song_duration IS NOT NULL GROUP BY 1, 2, 3`);
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
}
