import { fitLoadTime, type LoadSums } from '../../src/cost/load-time.ts';
import fc from '../support/fast-check.ts';

type Batch = readonly [objects: number, bytes: number, seconds: number];

function sums(batches: readonly Batch[]): LoadSums {
  const sum = (of: (batch: Batch) => number): number => batches.reduce((total, batch) => total + of(batch), 0);
  return {
    one: batches.length,
    o: sum(([o]) => o),
    b: sum(([, b]) => b),
    t: sum(([, , t]) => t),
    oo: sum(([o]) => o * o),
    ob: sum(([o, b]) => o * b),
    bb: sum(([, b]) => b * b),
    ot: sum(([o, , t]) => o * t),
    bt: sum(([, b, t]) => b * t),
    tt: sum(([, , t]) => t * t),
  };
}

test('a load time is found again in batches that took it', () => {
  const part = (max: number) => fc.double({ min: 0, max, noNaN: true });
  fc.assert(
    fc.property(part(20), part(0.1), part(1e-7), (fixed, perObject, perByte) => {
      const batches = [1, 3, 10, 200, 5000, 40].flatMap((objects) =>
        [100, 9000, 300_000].map((size): Batch => [
          objects,
          objects * size,
          fixed + perObject * objects + perByte * objects * size,
        ]),
      );
      const found = fitLoadTime(sums(batches))!;
      for (const [objects, bytes, seconds] of batches)
        expect(found.fixed + found.perObject * objects + found.perByte * bytes).toBeCloseTo(seconds, 2);
    }),
  );
});

test('what batches do not tell apart is not made up: equal batches have one time', () => {
  expect(
    fitLoadTime(
      sums([
        [10, 1000, 5],
        [10, 1000, 7],
      ]),
    ),
  ).toEqual({ fixed: 6, perObject: 0, perByte: 0 });
});

test('no part is negative, whatever the batches took', () => {
  const batch = fc.tuple(
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 0, max: 10 ** 9 }),
    fc.integer({ min: 0, max: 300 }),
  );
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 50 }), (batches) => {
      const found = fitLoadTime(sums(batches))!;
      expect(Math.min(found.fixed, found.perObject, found.perByte)).toBeGreaterThanOrEqual(0);
      const mean = sums(batches).t / batches.length;
      const error = (of: (batch: Batch) => number): number =>
        batches.reduce((sum, one) => sum + (of(one) - one[2]) ** 2, 0);
      const own = error(([o, b]) => found.fixed + found.perObject * o + found.perByte * b);
      // It is never worse than the mean.
      expect(own).toBeLessThanOrEqual(error(() => mean) * 1.001 + 1e-3);
    }),
  );
});

test('loads that end before they begin, by clocks in whole seconds, take no time', () => {
  expect(fitLoadTime(sums([[1, 10, -0.3]]))).toEqual({ fixed: 0, perObject: 0, perByte: 0 });
});

test('without batches there is none', () => {
  expect(fitLoadTime(sums([]))).toBeUndefined();
});
