import { DEFAULT_LIMITS } from '../../src/config.ts';
import { ASSUMED, MINIMUM_SECONDS, pricesOf, watchingCost } from '../../src/catch-up/prices.ts';

/** The region of the page's tables. */
export const PAGE_REGION = 'us-east-1';
export const PRICES = pricesOf(PAGE_REGION)!;

/** What the page assumes. `docs/COST.md` states each in words. */
const ASSUMPTIONS = {
  /** A load: waking, the fixed statements, and what each file adds. */
  secondsPerLoad: 5,
  secondsPerFile: 0.0125,
  filesPerBatch: DEFAULT_LIMITS.maxObjects,
  day: 86_400,
} as const;

/** A tick of the resume function that finds nothing to wait for: seconds, its memory, a read, and what Lambda and it write. */
const TICK = { seconds: 0.1, gigabytes: 0.25, logBytes: 700 } as const;

/** US$ a month for the resume function, which runs every minute. */
export function resumeCost(): number {
  const ticks = (ASSUMED.daysOfMonth * ASSUMPTIONS.day) / 60;
  const compute = TICK.seconds * TICK.gigabytes * PRICES.lambdaGigabyteSecond;
  const log = (TICK.logBytes / 1e9) * PRICES.logGigabyte;
  return ticks * (PRICES.lambdaRequest + compute + PRICES.s3Read + log);
}

/** RPU-hours billed per day when a file lands every minute and the window is the default one. */
export function defaultRpuHours(): number {
  return dayCost(1440, 20).warehouse / PRICES.redshiftRpuHour;
}

/** Batch windows in seconds, as far as Lambda allows. */
const WINDOWS = [1, 20, 60, 120, 300] as const;

type Cost = { loads: number; warehouse: number; rest: number; watching: number };

/** What a day costs on which `files` land evenly, loaded with a batch window in seconds. US$. */
export function dayCost(files: number, windowSeconds: number): Cost {
  const gap = Math.max(windowSeconds, ASSUMPTIONS.day / files);
  // One load runs at a time. When they would fill more than the day, messages wait and batches grow instead.
  const most = (ASSUMPTIONS.day - files * ASSUMPTIONS.secondsPerFile) / ASSUMPTIONS.secondsPerLoad;
  const loads = Math.min(Math.max(ASSUMPTIONS.day / gap, files / ASSUMPTIONS.filesPerBatch), most);
  return {
    ...cost(files, loads, ASSUMED.pollsPerDay, ASSUMPTIONS.day),
    watching: watchingCost(PRICES) / ASSUMED.daysOfMonth,
  };
}

/** What files cost that are loaded at once, in full batches. US$. */
export function burstCost(files: number): Cost {
  // Watching is charged whether files land or not.
  return { ...cost(files, Math.ceil(files / ASSUMPTIONS.filesPerBatch), 0, MINIMUM_SECONDS), watching: 0 };
}

function cost(files: number, loads: number, polls: number, spanSeconds: number): Omit<Cost, 'watching'> {
  const seconds = loads * ASSUMPTIONS.secondsPerLoad + files * ASSUMPTIONS.secondsPerFile;
  // Each load is charged for the minimum, but no second twice: loads that follow each other at once are one activity.
  const charged = Math.max(seconds, Math.min(loads * MINIMUM_SECONDS, spanSeconds));
  const requests = files + (2 * files) / ASSUMED.messagesPerRequest + polls;
  return {
    loads,
    warehouse: (charged / 3600) * ASSUMED.redshiftRpus.low * PRICES.redshiftRpuHour,
    rest:
      requests * PRICES.sqsRequest +
      loads * (ASSUMED.writesPerBatch.high * PRICES.s3Write + PRICES.lambdaRequest) +
      files * PRICES.s3Read +
      seconds * ASSUMED.lambdaGigabytes * PRICES.lambdaGigabyteSecond +
      ((loads * ASSUMED.logBytesPerLoad + files * ASSUMED.logBytesPerFile) / 1e9) * PRICES.logGigabyte,
  };
}

/** The tables of docs/COST.md, by their headings. */
export function costTables(): Record<string, string> {
  return {
    'One file a minute': byWindow(1440),
    'A million files in a day': byWindow(1_000_000),
    'A million files at once': table([['at once, in full batches', burstCost(1_000_000)]], 'loaded'),
  };
}

function byWindow(files: number): string {
  return table(
    WINDOWS.map((window) => [`${window} s`, dayCost(files, window)]),
    'batch window',
  );
}

function table(rows: readonly (readonly [string, Cost])[], heading: string): string {
  const lines = rows.map(([name, { loads, warehouse, rest, watching }]) => {
    const dollars = [warehouse, rest, watching, warehouse + rest + watching].map((value) => value.toFixed(2));
    return `| ${[name, Math.round(loads).toLocaleString('en-US'), ...dollars].join(' | ')} |`;
  });
  return [
    `| ${heading} | loads | warehouse, US$ | queue, loader, S3, log, US$ | CloudWatch, US$ | together, US$ |`,
    '|---|---:|---:|---:|---:|---:|',
    ...lines,
  ].join('\n');
}
