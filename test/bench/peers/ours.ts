/** Ours as a person starts it: `npm start` over a folder, and files that are put into it while it runs. */
import { join } from 'node:path';
import { startRunningStack } from '../running-stack.ts';
import { starOf } from './compare.ts';
import type { PeerRun, Workload } from './index.ts';

/**
 * The first time runs from the start of the command, with S3, SQS, warehouse, function and page, until it has loaded everything,
 * asked its ledger whether each file is in exactly one state, and printed its summary. The second runs from the files' arrival in
 * the folder until the last of their batches was committed: they are noticed, announced, queued and wait for the batch window.
 */
export async function runOurs({ data, work, nextFiles, addNextDay }: Workload): Promise<PeerRun> {
  let objects = 0;
  let reached: (() => void) | undefined;
  const startedAt = performance.now();
  const stack = await startRunningStack({
    home: work,
    data,
    onProgress: (line) => {
      objects += Number(/^batch [\d,]+: ([\d,]+) object/.exec(line)?.[1]?.replaceAll(',', '') ?? 0);
      reached?.();
    },
    onExit: (code) => {
      throw new Error(`the stack ended with ${code}`);
    },
  });
  const first = seconds(startedAt);
  const all = objects + nextFiles;
  const loaded = new Promise<void>((resolve) => {
    reached = () => {
      if (objects >= all) resolve();
    };
  });
  const addedAt = performance.now();
  addNextDay();
  await loaded;
  const next = seconds(addedAt);
  await stack.stop();
  return { first, next, star: await starOf(join(work, 'warehouse.duckdb'), 'sparkify') };
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}
