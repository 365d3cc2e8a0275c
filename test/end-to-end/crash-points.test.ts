import { CALLS_OF_A_LOAD, CrashBench } from '../prove/crash-points.ts';
import { callPoints, share, statementPoints, stuckAt, sweep, sweepFunction } from '../prove/crash-sweep.ts';
import { PAST_THE_CLIENT } from '../prove/faults.ts';
import { freshSeed } from '../prove/properties.ts';
import { World } from '../prove/world.ts';

const PATIENCE_MS = 300_000;
/** Of the points of a load with troubles so many are drawn anew each time; `npm run prove` takes all. */
const KILLS_WITH_TROUBLES = 10;

describe('a load that is struck at any point ends as if it had not been', () => {
  let world: World;
  let bench: CrashBench;
  beforeAll(async () => {
    world = await World.start();
    bench = new CrashBench(world);
  });
  afterAll(() => world.stop());

  test('the calls of a load are those of the list', async () => {
    const loads = [await bench.strike('clean'), await bench.strike('troubles')];
    const stuck = stuckAt(10);
    loads.push(await bench.strike(stuck.kind, stuck.fault, stuck.options));
    const made = loads.flatMap(({ calls }) => calls).filter(({ place }) => place !== 'statement');
    const operations = new Set(made.map(({ place, operation }) => `${place} ${operation}`));
    expect([...operations].sort()).toEqual(CALLS_OF_A_LOAD);
  });

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

describe('the function', () => {
  let world: World;
  let bench: CrashBench;
  beforeAll(async () => {
    world = await World.start({ withFunction: true });
    bench = new CrashBench(world);
  });
  afterAll(() => world.stop());

  test(
    'is killed before and after each call of a load, and another process ends what it began',
    async () => {
      const { calls } = await bench.strikeFunction('clean');
      expect(await sweepFunction(bench, callPoints('clean', calls, 'kills'))).toBeGreaterThanOrEqual(2 * 7);
    },
    PATIENCE_MS,
  );

  test(
    'is killed while it sets files aside, and another process ends what it began',
    async () => {
      const seed = freshSeed();
      process.stderr.write(`crash points: seed ${seed}\n`);
      const { calls } = await bench.strikeFunction('troubles');
      const points = share(callPoints('troubles', calls, 'kills'), KILLS_WITH_TROUBLES, seed);
      expect(await sweepFunction(bench, points)).toBe(KILLS_WITH_TROUBLES);
    },
    PATIENCE_MS,
  );

  test('commits, and its answer is lost: the message comes again and changes nothing', async () => {
    const fault = { place: 'lambda', nth: 1, times: 1, fault: { do: 'error after' } } as const;
    expect((await bench.strikeFunction('clean', fault)).deliveries).toBe(2);
  });

  // This one is the last: from here on the queue does not wait for slow functions.
  test('commits, and its message cannot be deleted: it comes again and changes nothing', async () => {
    await world.hideMessagesFor(5);
    const operation = 'DeleteMessageBatch';
    const fault = { place: 'sqs', operation, nth: 1, times: PAST_THE_CLIENT, fault: { do: 'error' } } as const;
    expect((await bench.strikeFunction('clean', fault)).deliveries).toBe(2);
  });
});
