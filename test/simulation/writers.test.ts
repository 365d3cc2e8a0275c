import { SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { checkWriters, givenPath } from './properties.ts';

/** So many under each level of isolation; `npm run prove` looks as long as it is told. */
const INTERLEAVINGS = Number(process.env.RUNS ?? 5);
const PATIENCE_MS = 500_000;

describe.each(['SNAPSHOT', 'SERIALIZABLE'] as const)('writers at once under %s', (isolation) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false, isolation });
  });
  afterAll(() => stack.stop());

  test(
    'load overlapping objects, wait for each other, and end as one writer would',
    async () => {
      const settings = { runs: INTERLEAVINGS, seed: SEED, ...givenPath(), shrink: false as const };
      const { failure, runs, tally } = await checkWriters(stack, settings);
      console.log(tally);
      expect({ failure, runs }).toEqual({ failure: undefined, runs: INTERLEAVINGS });
    },
    PATIENCE_MS,
  );
});
