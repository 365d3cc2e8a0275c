/** The table of tracks, held against what a plain model derives from plays and songs. */
import assert from 'node:assert/strict';
import type { Warehouse } from '../../src/ports.ts';
import { everPlayed, recordingOf, type SourceObject, type Star } from '../support/oracle.ts';
import { rowsOf } from './star.ts';

const DAY_MS = 86_400_000;

type Days = { first: number; last: number };
type Track = Days & { recording: string; song: string };

/**
 * Tracks are of what was ever played: every play of the star is on one of its days, each was played by some version of some
 * file, and each has the song that its plays have now. Which versions were loaded before they were overwritten is chance, so a
 * corrected play may have left its former track, or not; where none was corrected, the two bounds are the same.
 * Throws AssertionError.
 */
export async function assertTracks(
  warehouse: Warehouse,
  schema: string,
  star: Star,
  everLoaded: Iterable<SourceObject>,
): Promise<void> {
  const tracks = await readTracks(warehouse, schema);
  const byRecording = new Map(tracks.map((track) => [track.recording, track]));
  assert.equal(byRecording.size, tracks.length, 'a track has one row');
  const present = daysOf(
    star.songplays.map((play) => ({
      startTime: play.start_time,
      recording: recordingOf(play.song_title, play.artist_name, play.song_duration),
    })),
  );
  for (const [recording, days] of present) {
    const track = byRecording.get(recording);
    assert(
      track && track.first <= days.first && track.last >= days.last,
      `track ${recording} has the days of its plays`,
    );
  }
  const ever = daysOf(everPlayed(everLoaded));
  const songs = songsOf(star);
  for (const { recording, first, last, song } of tracks) {
    const days = ever.get(recording);
    assert(days && first >= days.first && last <= days.last, `track ${recording} was played, and on its days only`);
    assert.deepEqual([first % DAY_MS, (last + 1) % DAY_MS].map(Math.abs), [0, 0], `the days of ${recording} are whole`);
    assert.equal(song, songs.get(recording) ?? NOBODY, `track ${recording} has the song of its plays`);
  }
}

const NOBODY = JSON.stringify([null, null]);

/** The song and the artist that plays of each recording have: of the songs that fit the one with the smallest id. */
function songsOf({ songs }: Star): Map<string, string> {
  const found = new Map<string, string>();
  const smallestFirst = [...songs].sort((one, other) => (one.song_id < other.song_id ? -1 : 1));
  for (const { title, artist_name, duration, song_id, artist_id } of smallestFirst) {
    const recording = recordingOf(title, artist_name, duration);
    if (recording !== null && !found.has(recording)) found.set(recording, JSON.stringify([song_id, artist_id]));
  }
  return found;
}

/** First and last day of each recording: the first millisecond of the one, the last of the other. */
function daysOf(plays: Iterable<{ startTime: number; recording: string | null }>): Map<string, Days> {
  const days = new Map<string, Days>();
  for (const { startTime, recording } of plays) {
    if (recording === null) continue;
    const first = Math.floor(startTime / DAY_MS) * DAY_MS;
    const known = days.get(recording) ?? { first, last: first };
    days.set(recording, {
      first: Math.min(known.first, first),
      last: Math.max(known.last, first + DAY_MS - 1),
    });
  }
  return days;
}

async function readTracks(warehouse: Warehouse, schema: string): Promise<Track[]> {
  const since = (column: string): string => `DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', ${column}) AS ${column}`;
  const rows = await rowsOf(
    warehouse,
    `SELECT song_title, artist_name, song_duration, ${since('first_played')}, ${since('last_played')}, song_id, artist_id
     FROM ${schema}.tracks`,
  );
  return rows.map((row) => ({
    recording: JSON.stringify([row.song_title, row.artist_name, Number(row.song_duration)]),
    first: Number(row.first_played),
    last: Number(row.last_played),
    song: JSON.stringify([row.song_id, row.artist_id]),
  }));
}
