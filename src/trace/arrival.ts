import { withoutBlanks } from './columns.ts';
import type { Judgement, Load } from './judge.ts';
import type { SongRow } from './song-row.ts';

/**
 * When the song of a play came, seen from the play: a song that came after it healed it. `unclear` where an earlier version or
 * another file, which cannot be read, may have had the song before.
 */
export type Arrival = 'before the play' | 'in the same batch' | 'after the play' | 'unclear';

/** `play` is the load that brought the play, `exact` whether all loads of the song are known. */
export function songArrival(play: Load, { winner, losers }: Judgement<SongRow>, exact: boolean): Arrival {
  const first = [winner, ...losers.map(({ found }) => found)]
    .filter(({ row }) => row.songId === winner.row.songId && recording(row) === recording(winner.row))
    .flatMap(({ loads }) => loads)
    .reduce((least, { batchNo }) => Math.min(least, batchNo), Infinity);
  if (first < play.batchNo) return 'before the play';
  if (!exact) return 'unclear';
  return first === play.batchNo ? 'in the same batch' : 'after the play';
}

/** What a play and its song agree on. */
function recording({ title, artistName, duration }: SongRow): string {
  return JSON.stringify([withoutBlanks(title), withoutBlanks(artistName), duration]);
}
