/** How fresh files are that land one after the other, alone or during a backfill. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import type { BenchLoader } from './loader.ts';
import type { BenchObject } from './objects.ts';

/**
 * A file lands every `everyMs`, from `leadMs` before the backfill begins until it has ended; without one, for `restMs` more. With 0
 * nothing lands.
 */
export type LandingOptions = { everyMs: number; leadMs: number; restMs: number };

/** Landing to commit of each file that waited during the backfill; and the backfill, from its messages in the queue to its last commit. */
export type LandingResult = { freshness: number[]; backfillSeconds: number };

const POLL_MS = 20;

/** Lets files land during a backfill of objects that lie in the bucket already. Throws when it has too few files to land. */
export async function landDuring(
  loader: BenchLoader,
  live: readonly BenchObject[],
  backfill: readonly BenchObject[],
  { everyMs, leadMs, restMs }: LandingOptions,
): Promise<LandingResult> {
  const { stack } = loader;
  const landedMs = new Map<string, number>();
  let isOver = false as boolean;
  const land = async (): Promise<void> => {
    for (const object of everyMs === 0 ? [] : live) {
      if (isOver) return;
      const stored = { ...object, owned: false, contentType: 'application/json', metadata: {}, atMs: Date.now() };
      landedMs.set(object.key, Date.now());
      await stack.aws.store.put(LOCAL_NAMES.landingBucket, stored, 'ObjectCreated:Put');
      await sleep(everyMs);
    }
    if (everyMs > 0) throw new Error('all files have landed, and the backfill goes on');
  };
  const landing = land();
  await sleep(leadMs);
  const startMs = Date.now();
  loader.backfill(backfill);
  const replays = (): number => {
    const { soon, later } = stack.aws.queues.waiting(stack.replayQueueArn);
    return soon + later;
  };
  if (backfill.length === 0) await sleep(restMs);
  while (replays() > 0) await sleep(POLL_MS);
  const endMs = Date.now();
  isOver = true;
  await landing;
  await stack.idle();
  const committed = await commitsOf(loader);
  const waited = [...landedMs].flatMap(([key, fromMs]) => {
    const toMs = committed.live.get(key);
    if (toMs === undefined) throw new Error(`${key} landed and was not loaded`);
    return fromMs <= endMs && toMs >= startMs ? [(toMs - fromMs) / 1000] : [];
  });
  if (committed.replayed < backfill.length) throw new Error(`of the backfill, only ${committed.replayed} were loaded`);
  return { freshness: waited, backfillSeconds: (committed.lastReplayMs - startMs) / 1000 };
}

/** When each file that landed was committed, by key; and how many replayed objects, and when the last. */
async function commitsOf({ stack, commitsMs }: BenchLoader) {
  const rows = await stack.connection.warehouse.query(
    'commits',
    "SELECT key, batch_id, replayed FROM sparkify.load_objects WHERE status = 'loaded'",
    {},
    Date.now() + 60_000,
  );
  const live = new Map<string, number>();
  let [replayed, lastReplayMs] = [0, 0];
  for (const row of rows) {
    const atMs = commitsMs.get(String(row.batch_id)) ?? Number.NaN;
    if (row.replayed !== true) live.set(String(row.key), atMs);
    else {
      replayed += 1;
      lastReplayMs = Math.max(lastReplayMs, atMs);
    }
  }
  return { live, replayed, lastReplayMs };
}
