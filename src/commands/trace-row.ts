import { LoaderError } from '../errors.ts';
import { runReport } from '../ledger/reports.ts';
import type { Connection, Row } from '../ports.ts';
import type { Candidate } from '../trace/candidates.ts';
import { timestampText } from '../sql/timestamp-text.ts';
import { answerArtist } from '../trace/artists.ts';
import { PLAY_RULE, TIME_RULE, USER_RULE } from '../trace/event-row.ts';
import { answer, type Answer, type Found, type Load } from '../trace/judge.ts';
import {
  playSearch,
  songSearch,
  timeSearch,
  userSearch,
  type PlayKey,
  type Search,
  type StarSource,
} from '../trace/search.ts';
import { SONG_RULE, type SongRow } from '../trace/song-row.ts';
import { playKeyOf, playOf, songOf, timeOf, userOf } from '../trace/star-rows.ts';
import type { Io } from './command.ts';
import { ledgerOf } from './connection.ts';
import type { Question } from './trace-key.ts';
import { readObjects, type Reading } from './trace-read.ts';

/** A row of the star, and how to find out where it came from. */
export type Target<Result = unknown> = {
  row: Row;
  /** The source whose files may hold it. */
  source: StarSource;
  /** Reads objects and judges what is found in them. @throws LoaderError */
  examine: (candidates: readonly Candidate[], connection: Connection, io: Io) => Promise<Examined<Result>>;
  /** The batch that the row names. */
  batchId?: string;
  /** The song of a play. */
  songId?: string;
};

/** What reading gave, and who won. */
export type Examined<Result> = Omit<Reading<Result>, 'found'> & Answer<Result>;

/** `judge` says who wins among what was found; `unknown` are the loads whose content is not known. */
function targetOf<Result>(
  row: Row,
  search: Search<Result>,
  judge: (found: readonly Found<Result>[], unknown: readonly Load[]) => Answer<Result>,
): Target<Result> {
  return {
    row,
    source: search.source,
    examine: async (candidates, connection, io) => {
      const { found, ...reading } = await readObjects(candidates, search, connection, io);
      return { ...reading, ...judge(found, reading.unknown) };
    },
  };
}

/** The row that is asked about; undefined when it is not in the table. @throws LoaderError */
export async function readTarget(
  question: Exclude<Question, { batch: string }>,
  connection: Connection,
): Promise<Target | undefined> {
  switch (question.table) {
    case 'songplays':
      return playTarget(question.key, connection);
    case 'users': {
      const [row] = await runReport('trace-user', { user_id: question.key }, ledgerOf(connection));
      const current = row && userOf(row);
      return current && targetOf(row, userSearch(question.key), (...read) => answer(USER_RULE, current, ...read));
    }
    case 'time': {
      const literals = { start_time: timestampText(question.key) };
      const [row] = await runReport('trace-time', {}, ledgerOf(connection), { literals });
      const current = row && timeOf(row);
      return current && targetOf(row, timeSearch(question.key), (...read) => answer(TIME_RULE, current, ...read));
    }
    case 'songs':
      return songTarget(question.key, connection);
    case 'artists':
      return artistTarget(question.key, connection);
  }
}

async function playTarget(asked: PlayKey | { id: string }, connection: Connection): Promise<Target | undefined> {
  const key = 'id' in asked ? await findPlay(asked.id, connection) : asked;
  if (key === undefined) return undefined;
  const { startMs, sessionId, itemInSession } = key;
  const parameters = { session_id: String(sessionId), item_in_session: String(itemInSession) };
  const literals = { start_time: timestampText(startMs) };
  const [row] = await runReport('trace-songplay', parameters, ledgerOf(connection), { literals });
  if (row === undefined) return undefined;
  const current = playOf(row);
  const batchId = String(row.batch_id);
  return {
    ...targetOf(row, playSearch(key), (...read) => answer(PLAY_RULE, current, ...read, batchId)),
    batchId,
    ...(row.song_id === null || row.song_id === undefined ? {} : { songId: String(row.song_id) }),
  };
}

async function findPlay(id: string, connection: Connection): Promise<PlayKey | undefined> {
  const [row] = await runReport('trace-songplay-key', { songplay_id: id }, ledgerOf(connection));
  return row && playKeyOf(row);
}

/** A song by its id, also the one that a play has. @throws LoaderError */
export async function songTarget(songId: string, connection: Connection): Promise<Target<SongRow> | undefined> {
  const [row] = await runReport('trace-song', { song_id: songId }, ledgerOf(connection));
  const current = row && songOf(row);
  return current && targetOf(row, songSearch(songId), (...read) => answer(SONG_RULE, current, ...read));
}

async function artistTarget(artistId: string, connection: Connection): Promise<Target | undefined> {
  const rows = await runReport('trace-artist', { artist_id: artistId }, ledgerOf(connection));
  const [row] = rows;
  if (row === undefined) return undefined;
  const songId = String(row.source_song_id);
  const [song] = await runReport('trace-song', { song_id: songId }, ledgerOf(connection));
  if (song === undefined) {
    throw new LoaderError(
      'unexpected',
      `The artist's row names the song ${JSON.stringify(songId)}, which is not in songs.`,
      'No load leaves this behind. Load a song of the artist again, or remove the row',
    );
  }
  const songIds = new Set(rows.map(({ song_id }) => String(song_id)));
  // The report has the artist once per song.
  const artist = Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'song_id'));
  return targetOf(artist, songSearch(songId, artistId), (...read) => answerArtist(songOf(song), songIds, ...read));
}
