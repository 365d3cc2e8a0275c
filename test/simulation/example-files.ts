/** The files of which worked examples are made. */
import type { StepCounts } from '../support/load-steps.ts';

/** A file of a delivery, a row a line. */
export type File = { key: string; rows: Record<string, unknown>[] };

/**
 * Deliveries one after the other (songs before the events, where plays are to find them: healing, which belongs to batches of
 * songs, would mend a wrong look-up within one batch), then a question and its answer.
 */
export type Example = { name: string; deliveries: File[][]; question: string; answer: Record<string, unknown>[] };

/** Wednesday 2018-11-21, 12:00 UTC. */
export const NOON = 1542801600796;

/** A file of one song, which is of artist A and tells where its artist is. */
export function song(id: string, more: Record<string, unknown> = {}): File {
  const row = {
    song_id: id,
    title: 'T',
    artist_id: 'A',
    artist_name: 'N',
    artist_location: `at ${id}`,
    duration: 1.5,
    year: 0,
  };
  return { key: `song_data/${id}.json`, rows: [{ ...row, ...more }] };
}

/** A file of plays at noon of that song, by user 7. */
export function events(name: string, ...rows: Record<string, unknown>[]): File {
  const row = { page: 'NextSong', ts: NOON, sessionId: 1, itemInSession: 0, userId: '7', level: 'free' };
  const play = { song: 'T', artist: 'N', length: 1.5 };
  return { key: `log_data/${name}.json`, rows: rows.map((more) => ({ ...row, ...play, ...more })) };
}

/**
 * A race of which each move is set: deliveries `before`, then one whose transactions are numbered from 0 (it stages, then
 * merges, and so on). Once its nth has ended, `between[n]` is delivered by others, or its session ends where that is 'lose'.
 */
export type RaceExample = {
  name: string;
  before: File[][];
  raced: File[];
  between: (File[] | 'lose')[];
  /** What the raced load must meet. */
  hits: Pick<StepCounts, 'unchangedHits' | 'coveredHits' | 'sessionsLost'>;
  question: string;
  answer: Record<string, unknown>[];
};
