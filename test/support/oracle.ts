/**
 * The right answer, told a second time: the five tables that the final contents of a bucket must give.
 * It shares no code and no SQL with the loader and knows nothing of batches, order or retries, so a test can deliver
 * the same objects in any manner and compare the warehouse with what stands here.
 */
import { createHash } from 'node:crypto';
import { calendarOf, isBefore, keepFirst, number, rootObjects, text, trimmed, type Json } from './oracle-values.ts';
import type { Artist, Song, Songplay, Time, User } from './oracle-types.ts';

/** One object of the bucket, decompressed. `song_data/…` holds songs, `log_data/…` holds app events, the rest is not ours. */
export type SourceObject = { key: string; body: string };

/** The five tables, in no particular order of rows, and how many rows had no natural key or no place in a calendar. */
export type Star = {
  songplays: Songplay[];
  users: User[];
  songs: Song[];
  artists: Artist[];
  time: Time[];
  rejected: { events: number; songs: number };
};

/** A usable event. */
export type Event = {
  ts: number;
  sessionId: number;
  itemInSession: number;
  userId: string | null;
  /** As delivered but for trailing blanks: '' and NULL are both nobody, and still differ in a tie. */
  deliveredUserId: string | null;
  page: string | null;
  song: string | null;
  artist: string | null;
  length: number | null;
  firstName: string | null;
  lastName: string | null;
  gender: string | null;
  level: string | null;
  location: string | null;
  userAgent: string | null;
};

/** The years 1 to 9999, which everything that reads a calendar can hold. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** The five tables from the final contents of a bucket. Throws, naming the key, when a body is not a sequence of JSON objects. */
export function oracle(objects: Iterable<SourceObject>): Star {
  const rejected = { events: 0, songs: 0 };
  const events: Event[] = [];
  const winners = new Map<string, Song>();
  for (const { key, body } of objects) {
    if (key.startsWith('log_data/')) {
      for (const fields of rootObjects(key, body)) {
        const event = readEvent(fields);
        if (event === null) rejected.events += 1;
        else events.push(event);
      }
    } else if (key.startsWith('song_data/')) {
      for (const fields of rootObjects(key, body)) {
        const song = readSong(fields);
        if (song === null) rejected.songs += 1;
        else keepFirst(winners, song.song_id, song, songBefore);
      }
    }
  }
  const songs = [...winners.values()];
  const songplays = songplaysOf(events, songs);
  const times = new Set(songplays.map(({ start_time }) => start_time));
  return {
    songplays,
    users: usersOf(events),
    songs,
    artists: artistsOf(songs),
    time: [...times].map((start_time) => ({ start_time, ...calendarOf(start_time) })),
    rejected,
  };
}

/**
 * What text of one key's rows is ordered by: md5 (hex) of all of it, the smallest wins. A value ends in a full stop, so that
 * NULL and the empty string differ.
 */
export function tieBreak(texts: (string | null)[]): string {
  const contents = texts.map((value) => (value === null ? '' : `${value}.`));
  return createHash('md5').update(contents.join('|')).digest('hex');
}

/** Whether the first of two rows of one song_id stands: by text, then by the numbers, nothing after something. */
export function songBefore(one: Song, other: Song): boolean {
  const rank = (song: Song) => [
    tieBreak([song.title, song.artist_id, song.artist_name, song.artist_location]),
    song.duration,
    song.year,
    song.artist_latitude,
    song.artist_longitude,
  ];
  return isBefore(rank(one), rank(other));
}

/** Whether the first of two plays of one key stands. */
export function playBefore(one: Event, other: Event): boolean {
  const rank = (event: Event) => [
    tieBreak([event.deliveredUserId, event.level, event.location, event.userAgent, event.song, event.artist]),
    event.length,
  ];
  return isBefore(rank(one), rank(other));
}

/** An event, null when it cannot be used. */
export function readEvent(delivered: Json): Event | null {
  // COPY reads events with 'auto ignorecase', so the case of a key does not matter.
  const fields = Object.fromEntries(Object.entries(delivered).map(([name, value]) => [name.toLowerCase(), value]));
  const ts = number(fields.ts);
  const sessionId = number(fields.sessionid);
  const itemInSession = number(fields.iteminsession);
  if (ts === null || sessionId === null || itemInSession === null) return null;
  if (ts < FIRST_MS || ts > LAST_MS) return null;
  const deliveredUserId = trimmed(text(fields.userid));
  return {
    ts,
    sessionId,
    itemInSession,
    // A blank userId is how the app says that nobody was logged in.
    userId: deliveredUserId === '' ? null : deliveredUserId,
    deliveredUserId,
    page: text(fields.page),
    song: text(fields.song),
    artist: text(fields.artist),
    length: number(fields.length),
    firstName: text(fields.firstname),
    lastName: text(fields.lastname),
    gender: text(fields.gender),
    level: text(fields.level),
    location: text(fields.location),
    userAgent: text(fields.useragent),
  };
}

/** A song, null when it cannot be used. */
export function readSong(fields: Json): Song | null {
  const song_id = trimmed(text(fields.song_id));
  if (song_id === null || song_id === '') return null;
  return {
    song_id,
    title: text(fields.title),
    artist_id: trimmed(text(fields.artist_id)),
    year: number(fields.year),
    duration: number(fields.duration),
    artist_name: text(fields.artist_name),
    artist_location: text(fields.artist_location),
    artist_latitude: number(fields.artist_latitude),
    artist_longitude: number(fields.artist_longitude),
  };
}

/** Every usable row of a play in some files, the copies that lose to another included: when it was played, and what. */
export function everPlayed(objects: Iterable<SourceObject>): { startTime: number; recording: string | null }[] {
  return [...objects]
    .filter(({ key }) => key.startsWith('log_data/'))
    .flatMap(({ key, body }) => [...rootObjects(key, body)].map(readEvent))
    .filter((event): event is Event => event !== null && trimmed(event.page) === 'NextSong')
    .map(({ ts, song, artist, length }) => ({ startTime: ts, recording: recordingOf(song, artist, length) }));
}

function songplaysOf(events: Event[], songs: Song[]): Songplay[] {
  const winners = new Map<string, Event>();
  for (const event of events) {
    if (trimmed(event.page) !== 'NextSong') continue;
    const key = `${event.ts} ${event.sessionId} ${event.itemInSession}`;
    keepFirst(winners, key, event, playBefore);
  }
  const recordings = new Map<string, Song>();
  for (const song of songs) {
    const recording = recordingOf(song.title, song.artist_name, song.duration);
    if (recording !== null) keepFirst(recordings, recording, song, smallerId);
  }
  return [...winners.values()].map((event) => {
    const recording = recordingOf(event.song, event.artist, event.length);
    const song = recording === null ? undefined : recordings.get(recording);
    return {
      start_time: event.ts,
      user_id: event.userId,
      level: event.level,
      song_id: song?.song_id ?? null,
      artist_id: song?.artist_id ?? null,
      session_id: event.sessionId,
      item_in_session: event.itemInSession,
      location: event.location,
      user_agent: event.userAgent,
      song_title: event.song,
      artist_name: event.artist,
      song_duration: event.length,
    };
  });
}

/** What a play and a song must agree on: title, artist name and duration, none of them missing. */
export function recordingOf(title: string | null, artistName: string | null, duration: number | null): string | null {
  if (title === null || artistName === null || duration === null) return null;
  return JSON.stringify([trimmed(title), trimmed(artistName), duration]);
}

function usersOf(events: Event[]): User[] {
  const latest = new Map<string, Event>();
  for (const event of events) {
    if (event.userId !== null) keepFirst(latest, event.userId, event, isLater);
  }
  return [...latest].map(([user_id, event]) => ({
    user_id,
    first_name: event.firstName,
    last_name: event.lastName,
    gender: event.gender,
    level: event.level,
    last_event_at: event.ts,
    last_session_id: event.sessionId,
    last_item_in_session: event.itemInSession,
  }));
}

/** Whether the first of two events of one user stands. */
export function isLater(one: Event, other: Event): boolean {
  if (one.ts !== other.ts) return one.ts > other.ts;
  if (one.sessionId !== other.sessionId) return one.sessionId > other.sessionId;
  if (one.itemInSession !== other.itemInSession) return one.itemInSession > other.itemInSession;
  const rank = (event: Event) => tieBreak([event.firstName, event.lastName, event.gender, event.level]);
  return isBefore([rank(one)], [rank(other)]);
}

function smallerId(one: Song, other: Song): boolean {
  return isBefore([one.song_id], [other.song_id]);
}

function artistsOf(songs: Song[]): Artist[] {
  const sources = new Map<string, Song>();
  for (const song of songs) {
    if (song.artist_id === null || song.artist_id === '') continue;
    keepFirst(sources, song.artist_id, song, smallerId);
  }
  return [...sources].map(([artist_id, song]) => ({
    artist_id,
    name: song.artist_name,
    location: song.artist_location,
    latitude: song.artist_latitude,
    longitude: song.artist_longitude,
    source_song_id: song.song_id,
  }));
}
