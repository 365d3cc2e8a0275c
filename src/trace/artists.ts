import { answer, type Answer, type Found, type Load } from './judge.ts';
import { SONG_RULE, type SongRow } from './song-row.ts';

/**
 * The file that describes an artist: the row of the artist's smallest song, `source`, by the rule of
 * sql/load/songs/62-merge-select-artists. Its other rows lose to it; those of other songs lost because their song_id is larger,
 * or because the song, not among `songIds` any more, names another artist now.
 */
export function answerArtist(
  source: SongRow,
  songIds: ReadonlySet<string>,
  rows: readonly Found<SongRow>[],
  unknown: readonly Load[],
): Answer<SongRow> {
  const own = rows.filter(({ row }) => row.songId === source.songId);
  const { judgement, exact } = answer(SONG_RULE, source, own, unknown);
  if (judgement === undefined) return { judgement, exact };
  const others = rows
    .filter(({ row, loads }) => row.songId !== source.songId && loads.length > 0)
    .map((found) => ({
      found,
      why: songIds.has(found.row.songId) ? ('larger song_id' as const) : ('song of another artist now' as const),
    }));
  return { judgement: { ...judgement, losers: [...judgement.losers, ...others] }, exact };
}
