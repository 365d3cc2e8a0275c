import { startTestStack, type TestStack } from '../support/stack.ts';
import { SEED } from '../support/seed.ts';
import { PAST_THE_CLIENT } from '../support/switchboard.ts';
import { CrashBench, FED_BY_HAND } from './crash-points.ts';
import { callPoints, killPoints, share, sweepFunction } from './crash-sweep.ts';

const PATIENCE_MS = 300_000;
/** How many kill points of a troubled load are tried; `npm run prove` takes all. */
const KILLS_WITH_TROUBLES = 4;

describe('the function', () => {
  let stack: TestStack;
  let bench: CrashBench;
  beforeAll(async () => {
    stack = await startTestStack(FED_BY_HAND);
    bench = new CrashBench(stack);
  });
  afterAll(() => stack.stop());

  test(
    'is killed before, between and after the calls of a load, and another process ends what it began',
    async () => {
      const { calls } = await bench.strikeFunction('clean');
      expect(await sweepFunction(bench, killPoints(callPoints('clean', calls, 'kills')))).toBeGreaterThanOrEqual(1 + 7);
    },
    PATIENCE_MS,
  );

  test(
    'is killed while it quarantines files, and another process ends what it began',
    async () => {
      const { calls } = await bench.strikeFunction('troubles');
      const points = share(killPoints(callPoints('troubles', calls, 'kills')), KILLS_WITH_TROUBLES, SEED);
      expect(await sweepFunction(bench, points)).toBe(KILLS_WITH_TROUBLES);
    },
    PATIENCE_MS,
  );

  test('commits, and its answer is lost: the message comes again and changes nothing', async () => {
    const fault = { place: 'lambda', nth: 1, times: 1, fault: { do: 'error after' } } as const;
    expect((await bench.strikeFunction('clean', fault)).deliveries).toBe(2);
  });

  test('commits, and its message cannot be deleted: it comes again and changes nothing', async () => {
    await stack.hideMessagesFor(5);
    const operation = 'DeleteMessageBatch';
    const fault = { place: 'sqs', operation, nth: 1, times: PAST_THE_CLIENT, fault: { do: 'error' } } as const;
    expect((await bench.strikeFunction('clean', fault)).deliveries).toBe(2);
    await stack.hideMessagesFor(1800);
  });
});
