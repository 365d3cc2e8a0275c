import type { Arrival } from '../../../src/cost/arrivals.ts';
import { loadSeconds, type LoadTime } from '../../../src/cost/load-time.ts';
import type { Usage } from '../../../src/cost/simulate.ts';

/** What docs/COST.md assumes of a load on the smallest warehouse. */
export const TIME: LoadTime = { fixed: 5, perObject: 1 / 80, perByte: 0 };
/** The minute that is paid for at least. */
export const MINUTE = 60;

/**
 * Who pays for the minute: each load from its start, as the product reckons, or only a load that wakes the warehouse, so that loads
 * within a paid minute are free. AWS does not say which.
 */
export type MinuteOf = 'each load' | 'each wake-up';

/** What a policy may look at: the waiting arrivals, oldest first, and until when the warehouse is busy and paid for. */
export type Waiting = { arrivals: readonly Arrival[]; oldest: number; free: number; paidUntil: number };

/** When the oldest waiting arrival is loaded, with all that have landed by then. */
export type Policy = (waiting: Waiting) => number;

/** A fixed batch window. */
export function fixedWindow(seconds: number): Policy {
  return ({ arrivals, oldest, free }) => Math.max((arrivals[oldest]?.at ?? 0) + seconds, free);
}

/**
 * The governor: holds until the oldest file's deadline minus the time that loading what waits will take, and loads at once what lands
 * while a minute is paid for. A replay has no deadline to wait for. It looks at nothing that has not landed yet.
 */
export function governor(goalSeconds: number): Policy {
  return ({ arrivals, oldest, free, paidUntil }) => {
    const first = arrivals[oldest]?.at ?? 0;
    const soonest = Math.max(first, free);
    if (soonest < paidUntil) return soonest;
    let objects = 0;
    for (let index = oldest; ; index += 1) {
      const { at, live, objects: more } = arrivals[index] ?? { at: first, live: 0, objects: 0 };
      objects += more;
      const deadline = live === 0 ? at : first + goalSeconds - loadSeconds(TIME, objects, 0);
      const next = arrivals[index + 1];
      if (next === undefined || deadline <= next.at) return Math.max(deadline, at, free);
    }
  };
}

/** Holds like the governor, and lets a minute that is paid for pass: a batch window that may be longer than Lambda's. */
export function deadlineOnly(goalSeconds: number): Policy {
  const governed = governor(goalSeconds);
  return (waiting) => governed({ ...waiting, paidUntil: -Infinity });
}

/** What a month took with a policy: what 95 % of the live files were at most when they were loaded, and the oldest of them. */
export type Month = Omit<Usage, 'billedSeconds' | 'wakeUps'> & {
  billedSeconds: Record<MinuteOf, number>;
  p95: number;
  oldest: number;
};

/** Counts what is paid for. */
class Meter {
  seconds = 0;
  until = -Infinity;
  readonly #minuteOf: MinuteOf;

  constructor(minuteOf: MinuteOf) {
    this.#minuteOf = minuteOf;
  }

  add(from: number, to: number): void {
    const until = this.#minuteOf === 'each load' || from >= this.until ? Math.max(to, from + MINUTE) : to;
    this.seconds += Math.max(0, until - Math.max(from, this.until));
    this.until = Math.max(this.until, until);
  }
}

/** Runs a policy over arrivals. It sees what is paid for by one reading; both are counted. */
export function run(arrivals: readonly Arrival[], policy: Policy, seen: MinuteOf = 'each wake-up'): Month {
  const meters = { 'each load': new Meter('each load'), 'each wake-up': new Meter('each wake-up') };
  const usage = { loads: 0, objects: 0, busySeconds: 0 };
  const fresh = new Float64Array(arrivals.filter(({ live }) => live > 0).length);
  let [free, loaded] = [-Infinity, 0];
  for (let next = 0; next < arrivals.length;) {
    const from = policy({ arrivals, oldest: next, free, paidUntil: meters[seen].until });
    let end = next;
    let objects = 0;
    for (; end < arrivals.length && (arrivals[end]?.at ?? 0) <= from; end += 1) objects += arrivals[end]?.objects ?? 0;
    const seconds = loadSeconds(TIME, objects, 0);
    free = from + seconds;
    for (const meter of Object.values(meters)) meter.add(from, free);
    usage.loads += 1;
    usage.objects += objects;
    usage.busySeconds += seconds;
    for (; next < end; next += 1)
      if ((arrivals[next]?.live ?? 0) > 0) fresh[loaded++] = free - (arrivals[next]?.at ?? 0);
  }
  fresh.sort();
  const billedSeconds = { 'each load': meters['each load'].seconds, 'each wake-up': meters['each wake-up'].seconds };
  return { ...usage, billedSeconds, p95: fresh[Math.ceil(fresh.length * 0.95) - 1] ?? 0, oldest: fresh.at(-1) ?? 0 };
}
