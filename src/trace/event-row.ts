import {
  compareNullsLast,
  doubleOf,
  epochMillisecondsOf,
  integerOf,
  textHash,
  textOf,
  withoutBlanks,
} from './columns.ts';
import type { Rule } from './judge.ts';
import type { Members } from './members.ts';

/** A usable row of an event file, as it is staged. `ts` is in epoch milliseconds; `userId` has no trailing blanks. */
export type EventRow = {
  ts: number;
  sessionId: bigint;
  itemInSession: bigint;
  isPlay: boolean;
  userId: string | null;
  level: string | null;
  firstName: string | null;
  lastName: string | null;
  gender: string | null;
  location: string | null;
  userAgent: string | null;
  song: string | null;
  artist: string | null;
  length: number | null;
};

/** A row that cannot be used, and why, in the words of sql/load. */
export type RejectedRow = { reason: string };

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Reads an event, its members by lower-case names; usable by the rule of sql/load/events/31-reject-events. @throws UnreadableContent */
export function readEvent(members: Members): EventRow | RejectedRow {
  const ts = epochMillisecondsOf(members, 'ts');
  const sessionId = integerOf(members, 'sessionid');
  const itemInSession = integerOf(members, 'iteminsession');
  const isOutside = ts !== null && (ts < FIRST_MS || ts > LAST_MS);
  if (ts === null || isOutside || sessionId === null || itemInSession === null) {
    const reasons = [
      ...(ts === null ? ['ts is missing'] : isOutside ? ['ts is outside the years 1 to 9999'] : []),
      ...(sessionId === null ? ['sessionId is missing'] : []),
      ...(itemInSession === null ? ['itemInSession is missing'] : []),
    ];
    return { reason: reasons.join(', ') };
  }
  return {
    ts,
    sessionId,
    itemInSession,
    isPlay: withoutBlanks(textOf(members, 'page')) === 'NextSong',
    userId: withoutBlanks(textOf(members, 'userid')),
    level: textOf(members, 'level'),
    firstName: textOf(members, 'firstname'),
    lastName: textOf(members, 'lastname'),
    gender: textOf(members, 'gender'),
    location: textOf(members, 'location'),
    userAgent: textOf(members, 'useragent'),
    song: textOf(members, 'song'),
    artist: textOf(members, 'artist'),
    length: doubleOf(members, 'length'),
  };
}

function playHash({ userId, level, location, userAgent, song, artist }: EventRow): string {
  return textHash([userId, level, location, userAgent, song, artist]);
}

function userHash({ firstName, lastName, gender, level }: EventRow): string {
  return textHash([firstName, lastName, gender, level]);
}

/** The later event first, as sql/load/events/38-pick-users orders them. */
export function compareEvents(a: EventRow, b: EventRow): number {
  return (
    compareNullsLast(b.ts, a.ts) ||
    compareNullsLast(b.sessionId, a.sessionId) ||
    compareNullsLast(b.itemInSession, a.itemInSession)
  );
}

/** The key of a play, and what copies of it may differ in. */
export function playIdentity(row: EventRow): { key: string; content: string } {
  const key = `${row.ts}-${row.sessionId}-${row.itemInSession}`;
  return { key, content: `${playHash(row)} ${String(row.length)}` };
}

/** Plays of one key: sql/load/events/37-pick-songplays and 75-merge-select-songplays. '' and NULL are both nobody once merged. */
export const PLAY_RULE: Rule<EventRow> = {
  pick: (a, b) => compareNullsLast(playHash(a), playHash(b)) || compareNullsLast(a.length, b.length),
  replaces: (staged, current) => !isSamePlay(staged, current),
  same: isSamePlay,
};

function isSamePlay(a: EventRow, b: EventRow): boolean {
  const merged = (row: EventRow): EventRow => ({ ...row, userId: row.userId === '' ? null : row.userId });
  return playHash(merged(a)) === playHash(merged(b)) && a.length === b.length;
}

/** Events of one user: sql/load/events/38-pick-users and 72-merge-select-users. */
export const USER_RULE: Rule<EventRow> = {
  pick: (a, b) => compareEvents(a, b) || compareNullsLast(userHash(a), userHash(b)),
  replaces: (staged, current) => {
    const order = compareEvents(staged, current);
    return order < 0 || (order === 0 && userHash(staged) !== userHash(current));
  },
  same: (a, b) => compareEvents(a, b) === 0 && userHash(a) === userHash(b),
  lost: (loser, winner) => (compareEvents(loser, winner) > 0 ? 'older' : undefined),
};

/** Plays of one time: sql/load/events/76-merge-select-time adds a time once, and it never changes. */
export const TIME_RULE: Rule<EventRow> = {
  pick: () => 0,
  replaces: () => false,
  same: () => true,
  lost: () => 'time was there',
};
