import type { Arrival } from './arrivals.ts';
import { loadSeconds, type LoadTime } from './load-time.ts';
import { MINIMUM_SECONDS } from '../catch-up/prices.ts';

/** What days of loading take. Seconds. */
export type Usage = {
  loads: number;
  objects: number;
  /** The sum of the loads' seconds. */
  busySeconds: number;
  /** The seconds that a Serverless warehouse is paid for, at base capacity. */
  billedSeconds: number;
  /** How often it woke, so began to be paid for. */
  wakeUps: number;
};

/** Landing to commit, in seconds, of live objects. */
export type FreshnessSpan = { p50: number; p95: number };

/** What days would have taken with a batch window; freshness is null where nothing live landed. */
export type Simulated = Usage & { freshness: FreshnessSpan | null };

/**
 * Loads arrivals, which are in order of time, as Lambda's event source and the loader would: the oldest waiting object opens a
 * window of so many seconds; when it ends, or a batch is full, all that wait are loaded as one batch. Loads run one after another,
 * because the merge is under a lock; what lands meanwhile waits, and batches grow. A quiet queue may take up to 20 s longer, whatever the
 * window: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html. That is left out.
 */
export function simulateWindow(
  arrivals: readonly Arrival[],
  windowSeconds: number,
  time: LoadTime,
  maxObjects: number,
): Simulated {
  const groups = cutToSize(arrivals, maxObjects);
  const bill = new AwakeTime();
  const fresh: Weighted[] = [];
  const usage = { loads: 0, objects: 0, busySeconds: 0 };
  let free = -Infinity;
  for (let next = 0; next < groups.length;) {
    const from = Math.max(fireAt(groups, next, windowSeconds, maxObjects), free);
    const end = endOfBatch(groups, next, from, maxObjects);
    const batch = groups.slice(next, end);
    const objects = sum(batch, (one) => one.objects);
    const seconds = loadSeconds(
      time,
      objects,
      sum(batch, (one) => one.bytes),
    );
    free = from + seconds;
    bill.add(from, free);
    usage.loads += 1;
    usage.objects += objects;
    usage.busySeconds += seconds;
    for (const { at, live } of batch) if (live > 0) fresh.push({ value: free - at, weight: live });
    next = end;
  }
  return { ...usage, billedSeconds: bill.seconds, wakeUps: bill.wakeUps, freshness: freshnessOf(fresh) };
}

/**
 * Counts the seconds that are paid for: each load for 60 at least, and no second twice. Whether a load that starts within a paid
 * minute is charged for a minute of its own is not documented; that it is, is the dearer reading, and taken here.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html
 */
export class AwakeTime {
  seconds = 0;
  wakeUps = 0;
  #paidUntil = -Infinity;

  /** Adds a load, by its start and end; loads come in order of their starts. */
  add(from: number, to: number): void {
    const until = Math.max(to, from + MINIMUM_SECONDS);
    if (from > this.#paidUntil) this.wakeUps += 1;
    this.seconds += Math.max(0, until - Math.max(from, this.#paidUntil));
    this.#paidUntil = Math.max(this.#paidUntil, until);
  }
}

/** When the window that an arrival opens ends, or, if that is sooner, when a batch is full. */
function fireAt(groups: readonly Arrival[], first: number, windowSeconds: number, maxObjects: number): number {
  const end = (groups[first]?.at ?? 0) + windowSeconds;
  let objects = 0;
  for (let index = first; index < groups.length; index += 1) {
    const { at, objects: more } = groups[index] ?? { at: Infinity, objects: 0 };
    if (at > end) return end;
    objects += more;
    if (objects >= maxObjects) return at;
  }
  return end;
}

/** The index behind the last arrival of a batch that starts at a time. */
function endOfBatch(groups: readonly Arrival[], first: number, from: number, maxObjects: number): number {
  let objects = 0;
  let index = first;
  for (; index < groups.length; index += 1) {
    const { at, objects: more } = groups[index] ?? { at: Infinity, objects: 0 };
    if (at > from || objects + more > maxObjects) break;
    objects += more;
  }
  return index;
}

/** Arrivals of which each fits into a batch. */
function cutToSize(arrivals: readonly Arrival[], maxObjects: number): Arrival[] {
  return arrivals.flatMap((arrival) => {
    if (arrival.objects <= maxObjects) return [arrival];
    const parts = Math.ceil(arrival.objects / maxObjects);
    const { at, objects, live, bytes } = arrival;
    const share = (whole: number, index: number): number =>
      Math.floor((whole * (index + 1)) / parts) - Math.floor((whole * index) / parts);
    return Array.from({ length: parts }, (_, index) => ({
      at,
      objects: share(objects, index),
      live: share(live, index),
      bytes: bytes / parts,
    }));
  });
}

type Weighted = { value: number; weight: number };

function freshnessOf(values: Weighted[]): FreshnessSpan | null {
  if (values.length === 0) return null;
  values.sort((a, b) => a.value - b.value);
  const all = sum(values, ({ weight }) => weight);
  const below = (share: number): number => {
    let seen = 0;
    for (const { value, weight } of values) {
      seen += weight;
      if (seen >= share * all) return value;
    }
    return 0;
  };
  return { p50: below(0.5), p95: below(0.95) };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
