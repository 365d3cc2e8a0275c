/**
 * Where each row of the star came from, told a second time: from what each batch loaded, in the order of the commits, which row
 * of which file made the row of the table. Like the oracle it shares nothing with the product.
 */
import { isLater, playBefore, readEvent, readSong, songBefore, type Event } from './oracle.ts';
import { isBefore, objectsAt, trimmed } from './oracle-values.ts';
import type { Song } from './oracle-types.ts';

/** What one batch loaded: every file with its content, decompressed. */
export type LoadedBatch = { batchNo: number; files: { key: string; body: string }[] };

/** The row that won: its file, that file's content, the line on which it begins, its number among those of the line, its batch. */
export type Origin = { key: string; body: string; line: number; nth: number; batchNo: number };

/** The origin of every row, by table and key: of a play `<epoch ms> <session> <item>`, of a time its epoch milliseconds. */
export type Origins = Record<'songplays' | 'users' | 'songs' | 'artists' | 'time', Map<string, Origin>>;

type Placed<Row> = { row: Row; at: Origin };
type Before<Row> = (one: Row, other: Row) => boolean;

/** Follows some batches, in the order of their numbers. */
export function originsOf(batches: readonly LoadedBatch[]): Origins {
  const plays = new Map<string, Placed<Event>>();
  const users = new Map<string, Placed<Event>>();
  const songs = new Map<string, Placed<Song>>();
  const time = new Map<string, Placed<Event>>();
  for (const batch of batches.toSorted((a, b) => a.batchNo - b.batchNo)) {
    const events = rowsOf(batch, 'log_data/', (fields) => readEvent(fields));
    const played = events.filter(({ row }) => trimmed(row.page) === 'NextSong');
    merge(plays, best(played, keyOfPlay, playBefore), (now, then) => playContent(now) !== playContent(then));
    merge(time, best(played, ({ ts }) => String(ts), () => false), () => false); // prettier-ignore
    const ofUsers = events.filter(({ row }) => row.userId !== null);
    merge(users, best(ofUsers, ({ userId }) => userId ?? '', isLater), (now, then) => !isOlder(now, then) && userContent(now) !== userContent(then)); // prettier-ignore
    const sung = rowsOf(batch, 'song_data/', (fields) => readSong(fields));
    merge(songs, best(sung, ({ song_id }) => song_id, songBefore), (now, then) => JSON.stringify(now) !== JSON.stringify(then)); // prettier-ignore
  }
  const artists = new Map<string, Placed<Song>>();
  for (const one of songs.values()) {
    const { artist_id, song_id } = one.row;
    if (artist_id === null || artist_id === '') continue;
    const known = artists.get(artist_id);
    if (known === undefined || isBefore([song_id], [known.row.song_id])) artists.set(artist_id, one);
  }
  return { songplays: places(plays), users: places(users), songs: places(songs), artists: places(artists), time: places(time) }; // prettier-ignore
}

/** The usable rows of a batch's files of one source, files in the order of their keys. */
function rowsOf<Row>(
  { batchNo, files }: LoadedBatch,
  prefix: string,
  read: (fields: Record<string, unknown>) => Row | null,
): Placed<Row>[] {
  const own = files.filter(({ key }) => key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1));
  return own.flatMap(({ key, body }) => {
    const begun = new Map<number, number>();
    return [...objectsAt(key, body)].flatMap(({ fields, start }) => {
      const line = body.slice(0, start).split('\n').length;
      const nth = (begun.get(line) ?? 0) + 1;
      begun.set(line, nth);
      const row = read(fields);
      return row === null ? [] : [{ row, at: { key, body, line, nth, batchNo } }];
    });
  });
}

/** Of the rows of each key the one that comes before all others; of equal ones the first. */
function best<Row>(rows: Placed<Row>[], keyOf: (row: Row) => string, before: Before<Row>): Map<string, Placed<Row>> {
  const winners = new Map<string, Placed<Row>>();
  for (const one of rows) {
    const known = winners.get(keyOf(one.row));
    if (known === undefined || before(one.row, known.row)) winners.set(keyOf(one.row), one);
  }
  return winners;
}

function merge<Row>(
  table: Map<string, Placed<Row>>,
  staged: Map<string, Placed<Row>>,
  replaces: (now: Row, then: Row) => boolean,
): void {
  for (const [key, one] of staged) {
    const known = table.get(key);
    if (known === undefined || replaces(one.row, known.row)) table.set(key, one);
  }
}

function places<Row>(table: Map<string, Placed<Row>>): Map<string, Origin> {
  return new Map([...table].map(([key, { at }]) => [key, at]));
}

function keyOfPlay({ ts, sessionId, itemInSession }: Event): string {
  return `${ts} ${sessionId} ${itemInSession}`;
}

function playContent({ userId, level, location, userAgent, song, artist, length }: Event): string {
  return JSON.stringify([userId, level, location, userAgent, song, artist, length]);
}

function userContent({ ts, sessionId, itemInSession, firstName, lastName, gender, level }: Event): string {
  return JSON.stringify([ts, sessionId, itemInSession, firstName, lastName, gender, level]);
}

function isOlder(one: Event, other: Event): boolean {
  if (one.ts !== other.ts) return one.ts < other.ts;
  if (one.sessionId !== other.sessionId) return one.sessionId < other.sessionId;
  return one.itemInSession < other.itemInSession;
}
