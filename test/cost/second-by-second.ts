import type { Arrival } from '../../src/cost/arrivals.ts';

/** What a clock that ticks in seconds saw. */
export type Watched = { loads: number; busySeconds: number; billedSeconds: number; wakeUps: number; fresh: number[] };

/**
 * The same days, reckoned by walking through them second by second and looking at what waits; it shares nothing with the product.
 * All times and load times are whole seconds.
 */
export function watchEverySecond(
  arrivals: readonly Arrival[],
  windowSeconds: number,
  secondsOf: (objects: number, bytes: number) => number,
  maxObjects: number,
): Watched {
  const seen: Watched = { loads: 0, busySeconds: 0, billedSeconds: 0, wakeUps: 0, fresh: [] };
  const toCome = [...arrivals];
  const queue: Arrival[] = [];
  let loading: { until: number; batch: Arrival[] } | undefined;
  let paidUntil = -1;
  let wasPaid = false;
  for (let second = 0; toCome.length > 0 || queue.length > 0 || loading || second < paidUntil; second += 1) {
    while (toCome[0]?.at === second) queue.push(toCome.shift()!);
    if (loading?.until === second) {
      const { batch } = loading;
      for (const { at, live } of batch) for (let one = 0; one < live; one += 1) seen.fresh.push(second - at);
      loading = undefined;
    }
    const waiting = queue.reduce((sum, { objects }) => sum + objects, 0);
    if (!loading && queue[0] && (second >= queue[0].at + windowSeconds || waiting >= maxObjects)) {
      const batch: Arrival[] = [];
      let [objects, bytes] = [0, 0];
      for (let next = queue.at(0); next && objects + next.objects <= maxObjects; next = queue.at(0)) {
        queue.shift();
        objects += next.objects;
        bytes += next.bytes;
        batch.push(next);
      }
      const takes = secondsOf(objects, bytes);
      loading = { until: second + takes, batch };
      seen.loads += 1;
      seen.busySeconds += takes;
      paidUntil = Math.max(paidUntil, second + takes, second + 60);
    }
    const isPaid = second < paidUntil;
    if (isPaid) seen.billedSeconds += 1;
    if (isPaid && !wasPaid) seen.wakeUps += 1;
    wasPaid = isPaid;
  }
  return seen;
}
