import { CALLS_OF_A_LOAD, CrashBench } from './crash-points.ts';
import { callPoints, share, statementPoints, stuckAt, sweep } from './crash-sweep.ts';
import { freshSeed } from './properties.ts';
import { World } from './world.ts';

const UNUSED_POINTS = 12;
const PATIENCE_MS = 300_000;

describe('a load that is struck at any point ends as if it had not been', () => {
  let world: World;
  let bench: CrashBench;
  beforeAll(async () => {
    world = await World.start();
    bench = new CrashBench(world);
  });
  afterAll(() => world.stop());

  test('the calls of a load are those of the list', async () => {
    const loads = [await bench.strike('clean'), await bench.strike('troubles'), await bench.strike('unused')];
    const stuck = stuckAt(10);
    loads.push(await bench.strike(stuck.kind, stuck.fault, stuck.options));
    const made = loads.flatMap(({ calls }) => calls).filter(({ place }) => place !== 'statement');
    const operations = new Set(made.map(({ place, operation }) => `${place} ${operation}`));
    expect([...operations].sort()).toEqual(CALLS_OF_A_LOAD);
  });

  test(
    'some calls of a load with a file of which no row can be used fail; `npm run prove` takes all',
    async () => {
      const seed = freshSeed();
      process.stderr.write(`crash points: seed ${seed}\n`);
      const { calls } = await bench.strike('unused');
      expect(await sweep(bench, share(callPoints('unused', calls, 'errors'), UNUSED_POINTS, seed))).toBe(UNUSED_POINTS);
    },
    PATIENCE_MS,
  );

  test.each(['clean', 'troubles'] as const)(
    'each call of a %s load fails: before it acts, after it acted, and without a reply',
    async (kind) => {
      const { calls } = await bench.strike(kind);
      const points = callPoints(kind, calls, 'errors');
      expect(await sweep(bench, points)).toBeGreaterThanOrEqual(3 * 7);
    },
    PATIENCE_MS,
  );

  test(
    'each SQL statement of the transaction fails: instead of running, and when it has run',
    async () => {
      const { calls } = await bench.strike('clean');
      expect(await sweep(bench, statementPoints(calls))).toBeGreaterThanOrEqual(2 * 30);
    },
    PATIENCE_MS,
  );

  test(
    'the deadline comes while the lock is waited for, while COPY runs, while the star is merged, and while the ledger is written',
    async () => {
      const { calls } = await bench.strike('clean');
      const statements = calls.filter(({ place }) => place === 'statement').length;
      for (const nth of [2, 9, 18, statements - 1]) {
        const { name, kind, fault, options } = stuckAt(nth);
        const { deliveries } = await bench.strike(kind, fault, options);
        expect({ name, deliveries }).toEqual({ name, deliveries: 2 });
      }
    },
    PATIENCE_MS,
  );
});
