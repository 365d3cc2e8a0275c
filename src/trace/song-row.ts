import { compareNullsLast, doubleOf, integerOf, textHash, textOf, withoutBlanks } from './columns.ts';
import type { RejectedRow } from './event-row.ts';
import type { Rule } from './judge.ts';
import type { Members } from './members.ts';

/** A usable row of a song file, as it is picked: the ids have no trailing blanks. */
export type SongRow = {
  songId: string;
  title: string | null;
  artistId: string | null;
  artistName: string | null;
  artistLocation: string | null;
  artistLatitude: number | null;
  artistLongitude: number | null;
  duration: number | null;
  year: bigint | null;
};

/** Reads a song; usable by the rule of sql/load/songs/30-reject-songs. @throws UnreadableContent */
export function readSong(members: Members): SongRow | RejectedRow {
  const songId = withoutBlanks(textOf(members, 'song_id'));
  if (songId === null) return { reason: 'song_id is missing' };
  if (songId === '') return { reason: 'song_id is blank' };
  return {
    songId,
    title: textOf(members, 'title'),
    artistId: withoutBlanks(textOf(members, 'artist_id')),
    artistName: textOf(members, 'artist_name'),
    artistLocation: textOf(members, 'artist_location'),
    artistLatitude: doubleOf(members, 'artist_latitude'),
    artistLongitude: doubleOf(members, 'artist_longitude'),
    duration: doubleOf(members, 'duration'),
    year: integerOf(members, 'year'),
  };
}

/** The key of a song, and what copies of it may differ in. */
export function songIdentity(row: SongRow): { key: string; content: string } {
  const { songId, duration, year, artistLatitude, artistLongitude } = row;
  return {
    key: songId,
    content: [songHash(row), duration, year, artistLatitude, artistLongitude].map(String).join(' '),
  };
}

/** Songs of one song_id: sql/load/songs/35-pick-songs and 60-merge-select-songs. */
export const SONG_RULE: Rule<SongRow> = {
  pick: compareContent,
  replaces: (staged, current) => compareContent(staged, current) !== 0,
  same: (a, b) => compareContent(a, b) === 0,
};

function compareContent(a: SongRow, b: SongRow): number {
  return (
    compareNullsLast(songHash(a), songHash(b)) ||
    compareNullsLast(a.duration, b.duration) ||
    compareNullsLast(a.year, b.year) ||
    compareNullsLast(a.artistLatitude, b.artistLatitude) ||
    compareNullsLast(a.artistLongitude, b.artistLongitude)
  );
}

function songHash({ title, artistId, artistName, artistLocation }: SongRow): string {
  return textHash([title, artistId, artistName, artistLocation]);
}
