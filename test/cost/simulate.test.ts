import { sliceSeconds, spread, MOST_DAYS, type Arrival, type Slice } from '../../src/cost/arrivals.ts';
import { AwakeTime, simulateWindow } from '../../src/cost/simulate.ts';
import fc from '../support/fast-check.ts';
import { seededRandom } from '../../src/local/random.ts';
import { watchEverySecond } from './second-by-second.ts';

const arrivalsOf = fc
  .array(
    fc.record({
      gap: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 400 })),
      objects: fc.integer({ min: 1, max: 8 }),
      replayed: fc.boolean(),
      bytes: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(({ gap, objects, replayed, bytes }): Arrival => {
      at += gap;
      return { at, objects, live: replayed ? 0 : objects, bytes };
    });
  });

const rank = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;

describe('days with a batch window', () => {
  test('are reckoned as a clock sees them that walks through them second by second', () => {
    fc.assert(
      fc.property(
        arrivalsOf,
        fc.integer({ min: 1, max: 300 }),
        fc.record({
          fixed: fc.integer({ min: 1, max: 90 }),
          perObject: fc.integer({ min: 0, max: 3 }),
          perByte: fc.integer({ min: 0, max: 2 }),
        }),
        fc.integer({ min: 8, max: 40 }),
        (arrivals, windowSeconds, time, maxObjects) => {
          const { freshness, objects, ...usage } = simulateWindow(arrivals, windowSeconds, time, maxObjects);
          const takes = (count: number, bytes: number): number =>
            time.fixed + time.perObject * count + time.perByte * bytes;
          const { fresh, ...seen } = watchEverySecond(arrivals, windowSeconds, takes, maxObjects);
          expect(usage).toEqual(seen);
          expect(objects).toBe(arrivals.reduce((sum, one) => sum + one.objects, 0));
          expect(freshness).toEqual(fresh.length === 0 ? null : { p50: rank(fresh, 0.5), p95: rank(fresh, 0.95) });
        },
      ),
      { numRuns: 500 },
    );
  });

  test('put more objects than a batch holds into several', () => {
    const time = { fixed: 1, perObject: 0, perByte: 0 };
    const at = { at: 0, objects: 10, live: 10, bytes: 10 };
    expect(simulateWindow([at], 20, time, 4)).toMatchObject({ loads: 3, objects: 10, busySeconds: 3 });
  });

  test('pay for a minute at least, and for no second twice', () => {
    const awake = new AwakeTime();
    for (const [from, to] of [
      [0, 5],
      [50, 130],
      [100, 105],
      [500, 505],
    ] as const)
      awake.add(from, to);
    expect([awake.seconds, awake.wakeUps]).toEqual([160 + 60, 2]);
  });
});

/** What the ledger would sum up of arrivals. */
function sliced(arrivals: readonly Arrival[], seconds: number): Slice[] {
  const slices = new Map<number, Slice>();
  for (const { at, objects, live, bytes } of arrivals) {
    const known = slices.get(Math.floor(at / seconds)) ?? { objects: 0, live: 0, bytes: 0, first: at, last: at };
    slices.set(Math.floor(at / seconds), {
      objects: known.objects + objects,
      live: known.live + live,
      bytes: known.bytes + bytes,
      first: known.first,
      last: at,
    });
  }
  return [...slices.values()];
}

describe('slices of time', () => {
  test('lose no object and no byte, and keep the first and the last where they were', () => {
    fc.assert(
      fc.property(arrivalsOf, fc.integer({ min: 1, max: 60 }), (arrivals, seconds) => {
        const slices = sliced(arrivals, seconds);
        const points = spread(slices);
        for (const part of ['objects', 'live'] as const)
          expect(points.reduce((sum, one) => sum + one[part], 0)).toBe(
            arrivals.reduce((sum, one) => sum + one[part], 0),
          );
        for (const { first, last } of slices)
          expect(points.map(({ at }) => at)).toEqual(expect.arrayContaining([first, last]));
        expect(points.every(({ at }, index) => index === 0 || at >= points[index - 1]!.at)).toBe(true);
      }),
    );
  });

  test('are few however many objects land, and none is longer than the minute that is paid for anyway', () => {
    for (let days = 1; days <= MOST_DAYS; days += 1) {
      expect((days * 86_400) / sliceSeconds(days)).toBeLessThanOrEqual(43_200);
      expect(sliceSeconds(days)).toBeLessThanOrEqual(60);
    }
  });

  // What docs/COST.md says of slices of a minute, the longest: arrivals at random times, some days or many thousand.
  test.each([0.2, 1, 4, 30, 700])('of a minute move the bill little: %s objects a minute', (perMinute) => {
    const uniform = seededRandom(perMinute * 10);
    const arrivals: Arrival[] = [];
    for (let at = 0; arrivals.length < 100_000 && at < 172_800; at += (-Math.log(1 - uniform()) * 60) / perMinute)
      arrivals.push({ at, objects: 1, live: 1, bytes: 0 });
    const time = { fixed: 5, perObject: 0.0125, perByte: 0 };
    for (const windowSeconds of [5, 20, 60, 120, 300]) {
      const exact = simulateWindow(arrivals, windowSeconds, time, 5000);
      const rough = simulateWindow(spread(sliced(arrivals, 60)), windowSeconds, time, 5000);
      expect(Math.abs(rough.billedSeconds / exact.billedSeconds - 1)).toBeLessThan(0.03);
      expect(Math.abs(rough.freshness!.p95 - exact.freshness!.p95)).toBeLessThan(4);
    }
  });
});
