import type { EventRow } from './event-row.ts';
import type { PlayKey } from './search.ts';
import type { SongRow } from './song-row.ts';

/** Rows of the star, as sql/report gives them, in the shape of the rows of files, so that they can be compared. */

type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The key of a row of sql/report/trace-songplay or trace-songplay-key. */
export function playKeyOf(row: Row): PlayKey {
  return {
    startMs: Number(row.start_time_ms),
    sessionId: BigInt(String(row.session_id)),
    itemInSession: BigInt(String(row.item_in_session)),
  };
}

/** A row of sql/report/trace-songplay. */
export function playOf(row: Row): EventRow {
  const { startMs, sessionId, itemInSession } = playKeyOf(row);
  return {
    ...NOTHING,
    ts: startMs,
    sessionId,
    itemInSession,
    userId: text(row.user_id),
    level: text(row.level),
    location: text(row.location),
    userAgent: text(row.user_agent),
    song: text(row.song_title),
    artist: text(row.artist_name),
    length: double(row.song_duration),
  };
}

/** A row of sql/report/trace-user. */
export function userOf(row: Row): EventRow {
  return {
    ...NOTHING,
    ts: Number(row.last_event_at_ms),
    sessionId: BigInt(String(row.last_session_id)),
    itemInSession: BigInt(String(row.last_item_in_session)),
    userId: text(row.user_id),
    firstName: text(row.first_name),
    lastName: text(row.last_name),
    gender: text(row.gender),
    level: text(row.level),
  };
}

/** A row of sql/report/trace-time. */
export function timeOf(row: Row): EventRow {
  return { ...NOTHING, ts: Number(row.start_time_ms), sessionId: 0n, itemInSession: 0n };
}

/** A row of sql/report/trace-song. */
export function songOf(row: Row): SongRow {
  return {
    songId: String(row.song_id),
    title: text(row.title),
    artistId: text(row.artist_id),
    artistName: text(row.artist_name),
    artistLocation: text(row.artist_location),
    artistLatitude: double(row.artist_latitude),
    artistLongitude: double(row.artist_longitude),
    duration: double(row.duration),
    year: row.year === null || row.year === undefined ? null : BigInt(Number(row.year)),
  };
}

const NOTHING: Omit<EventRow, 'ts' | 'sessionId' | 'itemInSession'> = {
  isPlay: true,
  userId: null,
  level: null,
  firstName: null,
  lastName: null,
  gender: null,
  location: null,
  userAgent: null,
  song: null,
  artist: null,
  length: null,
};

function text(value: Row[string]): string | null {
  return value === null || value === undefined ? null : String(value);
}

function double(value: Row[string]): number | null {
  return value === null || value === undefined ? null : Number(value);
}
