/**
 * A rebuild while files land and somebody reads: no read fails or sees both stars, nothing that landed is lost or gone for a while.
 * `REBUILD_OBJECTS` sets how many objects are rebuilt, and how fast files were loaded with and without a rebuild is printed then.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { percentile } from '../../src/local/delivery-stats.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const OBJECTS = Number(process.env.REBUILD_OBJECTS ?? 200);
const BUCKET = `s3://${LOCAL_NAMES.landingBucket}/`;
const READ_EVERY_MS = 50;
const LAND_EVERY_MS = OBJECTS > 1000 ? 1000 : 150;
/** Sessions of files that land meanwhile begin here. */
const LANDING_FROM = 1_000_000;
const PATIENCE_MS = 1_800_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

/** One statement about several tables: what only the old star has, what must always fit together, and what has landed. */
const READ = `
SELECT gone.songs AS gone_songs, gone_plays.n AS gone_plays, timeless.n AS timeless, landed.n AS landed
FROM (SELECT COUNT(*) AS songs FROM sparkify.songs AS s WHERE s.title LIKE 'Gone%') AS gone
CROSS JOIN (SELECT COUNT(*) AS n FROM sparkify.songplays AS p WHERE p.song_title LIKE 'Gone%') AS gone_plays
CROSS JOIN (
  SELECT COUNT(*) AS n FROM sparkify.songplays AS p LEFT JOIN sparkify."time" AS t ON t.start_time = p.start_time
  WHERE t.start_time IS NULL
) AS timeless
CROSS JOIN (SELECT COUNT(*) AS n FROM sparkify.songplays AS p WHERE p.session_id >= ${LANDING_FROM}) AS landed`;

/** Does something again and again until it is told to stop. */
function again(everyMs: number, act: () => Promise<void>): { stop: () => Promise<void> } {
  const control = { going: true };
  const done = (async () => {
    while (control.going) {
      await act();
      await pause(everyMs);
    }
  })();
  return {
    stop: async () => {
      control.going = false;
      await done;
    },
  };
}

type Read = { atMs: number; counts: Record<string, number> };

/** Milliseconds from landing until a reader saw it, p95, of the files that landed within a span of time. */
function seenAfter(landedAt: readonly number[], reads: readonly Read[], fromMs: number, toMs: number): number {
  const waits = landedAt.flatMap((at, index) => {
    const seen = reads.find(({ counts }) => (counts.landed ?? 0) > index);
    return at < fromMs || at > toMs || seen === undefined ? [] : [seen.atMs - at];
  });
  return percentile(waits, 0.95);
}

test(
  'readers and fresh files notice nothing',
  async () => {
    for (let n = 0; n < OBJECTS; n += 1) await stack.put(`song_data/${n}.json`, song(n), { notify: false });
    const gone = { title: 'Gone', artist_name: 'Gone', duration: 1.5 };
    const played = event(1, { song: 'Gone', artist: 'Gone', length: 1.5 });
    await stack.put('song_data/gone.json', song(OBJECTS, gone));
    await stack.put('log_data/gone.json', played);
    await stack.run(['backfill', BUCKET]);
    await stack.idle();
    await stack.remove('song_data/gone.json');
    await stack.remove('log_data/gone.json');

    const reads: Read[] = [];
    const reader = again(READ_EVERY_MS, async () => {
      const [row] = await stack.rows(READ);
      const counts = Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]));
      reads.push({ atMs: Date.now(), counts });
    });
    const landedAt: number[] = [];
    const land = async (): Promise<void> => {
      const session = LANDING_FROM + landedAt.length;
      landedAt.push(Date.now());
      await stack.put(`log_data/landing/${session}.json`, event(session));
    };
    const landing = again(LAND_EVERY_MS, land);
    await pause(OBJECTS > 1000 ? 60_000 : 1000);
    const beganMs = Date.now();
    const { code, err } = await stack.run(['rebuild', BUCKET, '--yes']);
    const endedMs = Date.now();
    await pause(OBJECTS > 1000 ? 10_000 : 1000);
    await landing.stop();
    await stack.idle();
    await reader.stop();

    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(reads.length).toBeGreaterThan(10);
    expect(reads.filter(({ counts }) => counts.timeless !== 0)).toEqual([]);
    expect([...new Set(reads.map(({ counts }) => `${counts.gone_songs} ${counts.gone_plays}`))]).toEqual([
      '1 1',
      '0 0',
    ]);
    const seen = reads.map(({ counts }) => counts.landed ?? 0);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect(landedAt.length).toBeGreaterThan(5);
    expect(await stack.count('songplays')).toBe(landedAt.length);
    expect(await stack.count('songs')).toBe(OBJECTS);
    if (process.env.REBUILD_OBJECTS === undefined) return;
    const before = seenAfter(landedAt, reads, 0, beganMs - 5000);
    const during = seenAfter(landedAt, reads, beganMs, endedMs);
    process.stdout.write(
      `${OBJECTS} objects rebuilt in ${(endedMs - beganMs) / 1000} s; ${reads.length} reads; seen after (p95): ${before} ms before, ${during} ms during\n`,
    );
  },
  PATIENCE_MS,
);
