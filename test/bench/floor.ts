/**
 * The floor: the best bare DuckDB program for the same objects and the same five tables. It has one pass, no ledger, no
 * checks of values, nothing to be repeated, and knows that copies of a row are identical.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BenchObject } from './objects.ts';

/** The schema the floor makes its tables in. */
export const FLOOR_SCHEMA = 'main';

const SMALL_BYTES = 1024 * 1024;
const NEWLINE = Buffer.from('\n');

// The engine's function alone takes 25 times as long.
const trimmed = (column: string): string =>
  `CASE WHEN suffix(${column}, ' ') THEN rtrim(${column}, ' ') ELSE ${column} END`;

const STATEMENTS: readonly ((spool: { songs: string; events: string }) => string)[] = [
  ({ songs }) => `CREATE TEMP TABLE staged_songs AS
    SELECT DISTINCT ON (song_id) * FROM read_json('${songs}', format = 'newline_delimited', columns = {song_id: 'VARCHAR',
      title: 'VARCHAR', artist_id: 'VARCHAR', artist_name: 'VARCHAR', artist_location: 'VARCHAR', artist_latitude: 'DOUBLE',
      artist_longitude: 'DOUBLE', duration: 'DOUBLE', year: 'INTEGER'})`,
  () => `CREATE TABLE songs AS SELECT song_id, title, artist_id, year, duration, artist_name, artist_location,
    artist_latitude, artist_longitude FROM staged_songs`,
  () => `CREATE TABLE artists AS
    SELECT artist_id, s.name, s.location, s.latitude, s.longitude, s.source_song_id FROM (
      SELECT artist_id, arg_min({'name': artist_name, 'location': artist_location, 'latitude': artist_latitude,
        'longitude': artist_longitude, 'source_song_id': song_id}, song_id) AS s FROM staged_songs GROUP BY artist_id)`,
  ({ events }) => `CREATE TEMP TABLE staged_events AS
    SELECT make_timestamp(ts * 1000) AS ts, * EXCLUDE (ts) FROM read_json('${events}', format = 'newline_delimited',
      columns = {ts: 'BIGINT', userId: 'VARCHAR', level: 'VARCHAR', song: 'VARCHAR', artist: 'VARCHAR', length: 'DOUBLE',
        sessionId: 'BIGINT', itemInSession: 'INTEGER', location: 'VARCHAR', userAgent: 'VARCHAR', page: 'VARCHAR',
        firstName: 'VARCHAR', lastName: 'VARCHAR', gender: 'VARCHAR'})`,
  () => `CREATE TABLE users AS
    SELECT user_id, u.first_name, u.last_name, u.gender, u.level, u.last_event_at, u.last_session_id, u.last_item_in_session
    FROM (SELECT userId AS user_id, arg_max({'first_name': firstName, 'last_name': lastName, 'gender': gender,
        'level': level, 'last_event_at': ts, 'last_session_id': sessionId, 'last_item_in_session': itemInSession},
        (ts, sessionId, itemInSession)) AS u
      FROM staged_events WHERE userId <> '' GROUP BY userId)`,
  () => `CREATE TABLE songplays AS
    SELECT md5(epoch_ms(e.ts) || '-' || e.sessionId || '-' || e.itemInSession) AS songplay_id, e.ts AS start_time,
      nullif(e.userId, '') AS user_id, e.level, s.song_id, s.artist_id, e.sessionId AS session_id,
      e.itemInSession AS item_in_session, e.location, e.userAgent AS user_agent, e.song AS song_title,
      e.artist AS artist_name, e.length AS song_duration, 'floor' AS batch_id
    FROM (SELECT DISTINCT ON (ts, sessionId, itemInSession) * FROM staged_events WHERE page = 'NextSong') AS e
    LEFT JOIN (SELECT ${trimmed('title')} AS title, ${trimmed('artist_name')} AS artist_name, duration, min(song_id) AS song_id,
        arg_min(artist_id, song_id) AS artist_id FROM staged_songs GROUP BY ALL) AS s
      ON s.title = ${trimmed('e.song')} AND s.artist_name = ${trimmed('e.artist')} AND s.duration = e.length
    ORDER BY start_time`,
  () => `CREATE TABLE "time" AS
    SELECT start_time, CAST(hour(start_time) AS SMALLINT) AS hour, CAST(day(start_time) AS SMALLINT) AS day,
      CAST(week(start_time) AS SMALLINT) AS week, CAST(month(start_time) AS SMALLINT) AS month,
      CAST(year(start_time) AS SMALLINT) AS year, CAST(dayofweek(start_time) AS SMALLINT) AS weekday
    FROM (SELECT DISTINCT start_time FROM songplays)`,
];

/** Loads the objects into a new DuckDB file; gives the seconds from the first read to the last commit, and those of the processors. */
export async function runFloor(
  objects: readonly BenchObject[],
  home: string,
): Promise<{ seconds: number; cpuSeconds: number }> {
  const instance = await DuckDBInstance.create(floorFile(home), { memory_limit: '2GB' });
  const connection = await instance.connect();
  await connection.run('SET preserve_insertion_order = false');
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const spool = { songs: join(home, 'songs.spool'), events: join(home, 'events.spool') };
  await concatenate(filesBelow(objects, 'song_data/'), spool.songs);
  await concatenate(filesBelow(objects, 'log_data/'), spool.events);
  await connection.run('BEGIN');
  for (const statement of STATEMENTS) await connection.run(statement(spool));
  await connection.run('COMMIT');
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  connection.closeSync();
  instance.closeSync();
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

/** The file the floor loads into. */
export function floorFile(home: string): string {
  return join(home, 'floor.duckdb');
}

function filesBelow(objects: readonly BenchObject[], prefix: string): BenchObject[] {
  return objects.filter(({ key }) => key.startsWith(prefix));
}

/** Writes all files into one, a newline after each. Large ones are streamed. */
async function concatenate(objects: readonly BenchObject[], path: string): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 4 * SMALL_BYTES });
  for (const { file, sizeBytes } of objects) {
    if (sizeBytes > SMALL_BYTES) continue;
    // Small files are read at once: handing them to another thread takes longer than reading them.
    const body = readFileSync(file);
    if (!out.write(Buffer.concat([body, NEWLINE]))) await once(out, 'drain');
  }
  for (const { file, sizeBytes } of objects) {
    if (sizeBytes <= SMALL_BYTES) continue;
    await pipeline(createReadStream(file, { highWaterMark: SMALL_BYTES }), out, { end: false });
    out.write('\n');
  }
  out.end();
  await finished(out);
}
