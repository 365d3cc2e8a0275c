/** How a backfill and what lands meanwhile share the loader: the freshness of the one and the speed of the other. */
import { join } from 'node:path';
import { percentile } from '../../src/local/delivery-stats.ts';
import { deployedSettings } from '../../src/local/lambda/deployed-settings.ts';
import { deployed } from '../support/deployed.ts';
import type { Scale } from './cases.ts';
import type { LandingResult } from './land-during.ts';
import { writeObjects } from './objects.ts';
import { startChild } from './parent.ts';
import type { CaseReport, Line } from './report.ts';

const BACKFILL = { songs: 10_000, events: 80_000, eventFiles: 40_000 };
const QUICK = 50;
/** Another seed than that of the backfill, so that files are other files. */
const LIVE_SEED = 7;
const FRESHNESS_TARGET = 1.5;
/** Four fifths of the speed it has alone. */
const BACKFILL_TARGET = 1.25;

/** A batching window, and how files land: so that some tens of them wait during a backfill. */
type Setting = { windowSeconds: number; batchSize: number; everyMs: number; restMs: number };
const DEPLOYED: Setting = {
  windowSeconds: deployed('serverless.yml', 'windowSeconds'),
  batchSize: (await deployedSettings()).batchSize,
  everyMs: 1000,
  restMs: 60_000,
};
const NO_WINDOW: Setting = { windowSeconds: 0, batchSize: 10, everyMs: 200, restMs: 15_000 };

type Run = { idle: LandingResult; alone: LandingResult; during: LandingResult };

/** Measures with the window that is deployed, and without one; when it is quick, only without. */
export async function measureLive(scale: Scale): Promise<CaseReport> {
  const part = scale.quick ? 1 / QUICK : 1;
  const sizes = Object.fromEntries(Object.entries(BACKFILL).map(([name, value]) => [name, value * part]));
  const backfill = writeObjects(join(scale.directory, 'k'), sizes);
  const files = 1000;
  const live = writeObjects(join(scale.directory, 'k-live'), { seed: LIVE_SEED, songs: 0, events: files * 10, eventFiles: files }); // prettier-ignore
  const quick = { ...NO_WINDOW, restMs: 2000 };
  const lines: Line[] = [];
  for (const setting of scale.quick ? [quick] : [DEPLOYED, NO_WINDOW]) {
    const runs: Run[] = [];
    for (let run = 0; run < scale.runs; run++) runs.push(await runOnce(live, backfill, setting));
    lines.push(...linesOf(runs, setting));
  }
  return { lines };
}

/** Files alone, then the backfill alone; and in a new star both together. */
async function runOnce(live: string, backfill: string, setting: Setting): Promise<Run> {
  const { windowSeconds, batchSize, ...landing } = setting;
  const leadMs = Math.max(windowSeconds * 1000, 1000);
  const one = startChild();
  await one.ask({ do: 'start', windowSeconds, batchSize });
  const idle = await one.ask({ do: 'land during', live, backfill: undefined, ...landing, leadMs });
  const alone = await one.ask({ do: 'land during', live, backfill, ...landing, everyMs: 0, leadMs: 0 });
  await one.end();
  const other = startChild();
  await other.ask({ do: 'start', windowSeconds, batchSize });
  const during = await other.ask({ do: 'land during', live, backfill, ...landing, leadMs });
  await other.end();
  return { idle, alone, during };
}

function linesOf(runs: readonly Run[], { windowSeconds }: Setting): Line[] {
  const window = windowSeconds === 0 ? 'no window' : `window ${windowSeconds} s`;
  const p95 = (which: 'idle' | 'during'): number[] => runs.map((run) => percentile(run[which].freshness, 0.95));
  // Without a window a file waits for one load and no more, and on two cores a load beside a backfill is not as fast.
  const target = windowSeconds === 0 ? {} : { target: FRESHNESS_TARGET };
  return [
    {
      case: 'k',
      what: `landing → queryable during a backfill, p95, ${window}`,
      unit: 's',
      ours: p95('during'),
      other: { name: 'idle', values: p95('idle') },
      ...target,
    },
    {
      case: 'k',
      what: `the backfill while files land, ${window}`,
      unit: 's',
      ours: runs.map(({ during }) => during.backfillSeconds),
      other: { name: 'alone', values: runs.map(({ alone }) => alone.backfillSeconds) },
      target: BACKFILL_TARGET,
    },
  ];
}
