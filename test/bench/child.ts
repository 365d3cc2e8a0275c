/** Runs one side of a measurement in a process of its own, so that its memory is its own and the other side leaves no traces. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLOOR_SCHEMA, floorFile, runFloor } from './floor.ts';
import { landOneByOne } from './freshness.ts';
import { startBenchLoader, type BenchLoader, type LoadResult } from './loader.ts';
import { landDuring, type LandingOptions, type LandingResult } from './land-during.ts';
import { readObjects } from './objects.ts';
import { prefill } from './prefill.ts';
import { starChecks, type StarChecks } from './star-checks.ts';
import type { ReplayMode } from '../../src/catch-up/replay-messages.ts';

/**
 * What a child is asked to do. Lists are files that `writeObjects` wrote; those of a load are put before its clock starts and
 * replayed by messages of their own, all in the queue at once; `again` says that the same will be loaded once more. `batchSize` is the most messages of a delivery.
 */
export type Task =
  | { do: 'floor'; list: string }
  | { do: 'start'; plays?: number; batchSize?: number; windowSeconds?: number }
  | { do: 'load'; lists: readonly string[]; replayMode: ReplayMode; again?: true }
  | { do: 'land one by one'; list: string }
  | ({ do: 'land during'; live: string; backfill: string | undefined } & LandingOptions)
  | { do: 'end' };

/** What each task gives. */
export type Answers = {
  floor: { seconds: number; cpuSeconds: number };
  start: undefined;
  load: LoadResult;
  'land one by one': { milliseconds: number[] };
  'land during': LandingResult;
  end: { checks: StarChecks; peakMegabytes: number };
};

const home = mkdtempSync(join(tmpdir(), 'sparkify-bench-'));
let loader: BenchLoader | undefined;

const WAREHOUSE_SCHEMA = 'sparkify';

async function perform(task: Task): Promise<Answers[Task['do']]> {
  switch (task.do) {
    case 'floor':
      return runFloor(readObjects(task.list), home);
    case 'start':
      if (task.plays !== undefined && task.plays > 0) await prefill(home, task.plays);
      loader = await startBenchLoader(home, {
        ...(task.batchSize !== undefined && { batchSize: task.batchSize }),
        ...(task.windowSeconds !== undefined && { windowSeconds: task.windowSeconds }),
      });
      return undefined;
    case 'load': {
      const parts = task.lists.map(readObjects);
      await started().put(parts.flat());
      // A replay names the second of a write: of what was written in that of the load, nobody knows whether it was read.
      if (task.again === true) await sleep(1000);
      return started().load(parts, task.replayMode);
    }
    case 'land one by one':
      return { milliseconds: await landOneByOne(started(), readObjects(task.list)) };
    case 'land during': {
      const backfill = task.backfill === undefined ? [] : readObjects(task.backfill);
      await started().put(backfill);
      return landDuring(started(), readObjects(task.live), backfill, task);
    }
    case 'end':
      return end();
  }
}

function started(): BenchLoader {
  if (loader === undefined) throw new Error('the loader was not started');
  return loader;
}

async function end(): Promise<Answers['end']> {
  const { maxRSS } = process.resourceUsage();
  await loader?.stop();
  const checks = loader
    ? await starChecks(loader.stack.warehouseFile, WAREHOUSE_SCHEMA)
    : await starChecks(floorFile(home), FLOOR_SCHEMA);
  rmSync(home, { recursive: true });
  return { checks, peakMegabytes: maxRSS / 1024 };
}

// The bench has failed, or is done with this process.
process.on('disconnect', () => {
  rmSync(home, { recursive: true, force: true });
  process.exit();
});

process.on('message', (task: Task) => {
  perform(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) =>
      process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
