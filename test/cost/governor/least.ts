import type { Arrival } from '../../../src/cost/arrivals.ts';
import { MINUTE, TIME, type MinuteOf } from './run.ts';

/**
 * The least that anybody who knows the future could pay for, in seconds, so that every live file is loaded within a goal: a bound, not
 * a plan, because it gives each load its fixed seconds only, and as many at a time as it likes.
 *
 * A file that landed at `a` must be loaded by a load that starts between `a` and `a` + goal − load. Take the oldest file that is not
 * loaded. The time that is paid for when it is loaded may as well begin at that last start: whoever begins sooner can move the
 * beginning there and loads no file less, because all others have later deadlines, and pays no more. So a plan is a way to cut the
 * files into runs; each run is paid from its oldest file's last start until its youngest is loaded, and for a minute at least. The
 * cheapest way to cut is found from the last file to the first. A run that is paid for two minutes is no better than two.
 */
export function leastSeconds(arrivals: readonly Arrival[], goalSeconds: number, minuteOf: MinuteOf): number {
  const landed = arrivals.flatMap(({ at, live }) => (live > 0 ? [at] : []));
  const hold = goalSeconds - TIME.fixed;
  const priceOf = (start: number, youngest: number): number => {
    const last = Math.max(start, youngest);
    return minuteOf === 'each load' ? last + MINUTE - start : Math.max(MINUTE, last + TIME.fixed - start);
  };
  const least = new Float64Array(landed.length + 1);
  let reach = landed.length - 1;
  for (let oldest = landed.length - 1; oldest >= 0; oldest -= 1) {
    const start = (landed[oldest] ?? 0) + hold;
    while (reach > oldest && (landed[reach] ?? 0) > start) reach -= 1;
    // A run that ends sooner costs the same minute and leaves more to others.
    let cheapest = Infinity;
    for (let youngest = reach; youngest < landed.length; youngest += 1) {
      const price = priceOf(start, landed[youngest] ?? 0);
      if (price > 2 * MINUTE) break;
      cheapest = Math.min(cheapest, price + (least[youngest + 1] ?? 0));
    }
    least[oldest] = cheapest;
  }
  const work = arrivals.reduce((sum, { objects }) => sum + objects * TIME.perObject, 0);
  return Math.max(least[0] ?? 0, work);
}
