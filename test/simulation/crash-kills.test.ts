import { CrashBench } from './crash-points.ts';
import { callPoints, share, sweepFunction } from './crash-sweep.ts';
import { PAST_THE_CLIENT } from './faults.ts';
import { freshSeed } from './properties.ts';
import { World } from './world.ts';

const PATIENCE_MS = 300_000;
/** Of the points of a load with troubles so many are drawn anew each time; `npm run prove` takes all. */
const KILLS_WITH_TROUBLES = 10;

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
    'is killed while it quarantines files, and another process ends what it began',
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
