import { withoutBlanks } from './columns.ts';
import { compareEvents, readEvent, type EventRow, type RejectedRow } from './event-row.ts';
import { readMembers } from './members.ts';
import type { RootObject } from './root-objects.ts';
import { readSong, type SongRow } from './song-row.ts';

/** The sources whose rows make the star. */
export type StarSource = 'events' | 'songs';

/** What is looked for in the files of one source: what an object of theirs gives, undefined for nothing. */
export type Search<Result> = {
  source: StarSource;
  take: (object: RootObject) => Result | undefined;
  /** Where there can be very many results: the order in which the first of them are kept and the others only counted. */
  keep?: (a: Result, b: Result) => number;
};

/** The key of a play. `startMs` is in epoch milliseconds. */
export type PlayKey = { startMs: number; sessionId: bigint; itemInSession: bigint };

/** Looks for the plays of one key. */
export function playSearch({ startMs, sessionId, itemInSession }: PlayKey): Search<EventRow> {
  return eventSearch(
    needlesOf([digits(startMs)]),
    (row) => row.isPlay && row.ts === startMs && row.sessionId === sessionId && row.itemInSession === itemInSession,
  );
}

/** Looks for the plays of one time, epoch milliseconds. */
export function timeSearch(startMs: number): Search<EventRow> {
  return eventSearch(needlesOf([digits(startMs)]), (row) => row.isPlay && row.ts === startMs);
}

/** Looks for the events of one user, of any page; a user may have any number, and the latest decide. */
export function userSearch(userId: string): Search<EventRow> {
  return { ...eventSearch(needlesOf([userId]), (row) => row.userId === userId), keep: compareEvents };
}

/** Looks for the songs of one song_id, and of an artist. */
export function songSearch(songId: string, artistId?: string): Search<SongRow> {
  const needles = needlesOf(artistId === undefined ? [songId] : [songId, artistId]);
  const matches = (row: SongRow): boolean =>
    row.songId === songId || (artistId !== undefined && row.artistId === artistId);
  return { source: 'songs', take: (object) => usable(object, needles, songOf, matches) };
}

/** All plays of a batch, or all its songs. */
export const EVERY_PLAY: Search<EventRow> = eventSearch([], (row) => row.isPlay);
export const EVERY_SONG: Search<SongRow> = {
  source: 'songs',
  take: (object) => usable(object, [], songOf, () => true),
};

/** Bytes given of a row that cannot be used. */
const TEXT_BYTES = 1024;

/** Looks for the rows of a source that cannot be used; gives the reason and the beginning of the row. There may be very many. */
export function rejectedSearch(source: StarSource): Search<{ reason: string; text: string }> {
  const read = source === 'events' ? eventOf : songOf;
  return {
    source,
    take: (object) => {
      const row = read(object);
      if (!isRejected(row)) return undefined;
      // A character that the cut splits is left out.
      const text = new TextDecoder().decode(object.bytes.subarray(0, TEXT_BYTES)).replace(/\uFFFD$/, '');
      return { reason: row.reason, text };
    },
    keep: () => 0,
  };
}

function eventSearch(needles: readonly Buffer[], matches: (row: EventRow) => boolean): Search<EventRow> {
  return { source: 'events', take: (object) => usable(object, needles, eventOf, matches) };
}

// COPY reads events with 'auto ignorecase' and songs with 'auto'.
function eventOf({ bytes }: RootObject): EventRow | RejectedRow {
  return readEvent(readMembers(bytes, true));
}

function songOf({ bytes }: RootObject): SongRow | RejectedRow {
  return readSong(readMembers(bytes, false));
}

function usable<Row extends object>(
  object: RootObject,
  needles: readonly Buffer[],
  read: (object: RootObject) => Row | RejectedRow,
  matches: (row: Row) => boolean,
): Row | undefined {
  if (!mayContain(object.bytes, needles)) return undefined;
  const row = read(object);
  return !isRejected(row) && matches(row) ? row : undefined;
}

function isRejected(row: object): row is RejectedRow {
  return 'reason' in row;
}

function digits(epochMs: number): string {
  return String(Math.abs(epochMs));
}

/**
 * What the bytes of an object with one of these values must contain: the longest piece of each that JSON writes as it is, or
 * escapes by `\u00`. None when some value has no such piece, so that every object is read.
 */
export function needlesOf(values: readonly string[]): Buffer[] {
  const pieces = values.map((value) => longest(withoutBlanks(value).match(/[\w .-]+/g) ?? []));
  return pieces.includes('') ? [] : pieces.map((piece) => Buffer.from(piece));
}

function longest(pieces: readonly string[]): string {
  return pieces.reduce((best, piece) => (piece.length > best.length ? piece : best), '');
}

const ESCAPE = '\\u00';

/** Whether an object may have one of the values; most do not, and finding that out costs a fraction of reading them. */
export function mayContain(bytes: Uint8Array, needles: readonly Buffer[]): boolean {
  if (needles.length === 0) return true;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return needles.some((needle) => text.includes(needle)) || text.includes(ESCAPE);
}
