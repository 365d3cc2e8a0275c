import { LoaderError } from '../../src/errors.ts';
import { giveWay } from '../../src/load/give-way.ts';

const INVOCATION_MS = 290_000;
const LIVE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/live';

/** How long a batch of replays waits when each question is answered so: a number of live messages, or a failure. */
async function waits(answers: (asked: number) => number | LoaderError, askingMs = 0) {
  let nowMs = 1_000_000;
  let asked = 0;
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const startMs = nowMs;
  await giveWay(
    {
      queue: {
        depth: (queueUrl) => {
          asked += 1;
          nowMs += askingMs;
          const answer = answers(asked);
          if (typeof answer !== 'number') return Promise.reject(answer);
          // What is in flight or delayed is not waited for.
          return Promise.resolve({ waiting: queueUrl === LIVE ? answer : 0, inFlight: 1000, delayed: 1000 });
        },
      },
      queueUrl: LIVE,
      clock: {
        now: () => nowMs,
        sleep: (milliseconds) => {
          nowMs += milliseconds;
          return Promise.resolve();
        },
        random: () => 0,
      },
      log: { info: write, warn: write, error: write },
    },
    startMs + INVOCATION_MS,
  );
  return { seconds: (nowMs - startMs) / 1000, asked, log };
}

describe('a batch of replays', () => {
  test('begins at once when no live message waits, and nothing is said of it', async () => {
    expect(await waits(() => 0)).toEqual({ seconds: 0, asked: 1, log: [] });
  });

  test('begins at once when no more wait than a poller takes with its next call', async () => {
    expect(await waits(() => 10)).toMatchObject({ seconds: 0, asked: 1 });
    expect(await waits((asked) => (asked === 1 ? 11 : 10))).toMatchObject({ seconds: 1, asked: 2 });
  });

  test('waits until none does, and says so', async () => {
    expect(await waits((asked) => (asked <= 3 ? 100 : 0))).toEqual({
      seconds: 3,
      asked: 4,
      log: ['replays gave way to live messages'],
    });
  });

  test('waits for a tenth of the time it has at most, so that it loads however many there are', async () => {
    expect(await waits(() => 100)).toMatchObject({ seconds: 29, asked: 29 });
    // An answer that takes its time is waited for once.
    expect((await waits(() => 100, 20_000)).seconds).toBeLessThan(29 + 20);
  });

  test('is not held back by a question that fails', async () => {
    const denied = new LoaderError('misconfigured', 'AccessDenied', 'allow sqs:GetQueueAttributes');
    expect(await waits(() => denied)).toEqual({
      seconds: 0,
      asked: 1,
      log: ['whether live messages wait is not known'],
    });
    const later = await waits((asked) => (asked === 1 ? 100 : denied));
    expect(later).toMatchObject({ seconds: 1, asked: 2 });
  });

  test('lets a bug of the question through, which the delivery then reports', async () => {
    const bug = new TypeError('undefined is not a function') as unknown as LoaderError;
    await expect(waits(() => bug)).rejects.toThrow(TypeError);
  });
});
