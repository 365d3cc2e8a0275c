import { SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { checkTwoWriters, givenPath } from './properties.ts';

/** So many under each level of isolation; `npm run prove` looks as long as it is told. */
const INTERLEAVINGS = 5;
const PATIENCE_MS = 100_000;

describe.each(['SNAPSHOT', 'SERIALIZABLE'] as const)('two writers at once under %s', (isolation) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false, isolation });
  });
  afterAll(() => stack.stop());

  test(
    'load overlapping objects, wait for each other, and end as one writer would',
    async () => {
      const settings = { runs: INTERLEAVINGS, seed: SEED, ...givenPath() };
      const { failure, runs } = await checkTwoWriters(stack, settings);
      expect({ failure, runs }).toEqual({ failure: undefined, runs: INTERLEAVINGS });
    },
    PATIENCE_MS,
  );

  test(
    'are found out when the lock is missing',
    async () => {
      const { load } = stack.connection.templates;
      const templates = { ...load, 'common/01-lock-load': 'SELECT 1' };
      const verdict = await checkTwoWriters(stack, { runs: 200, seed: SEED, shrink: false }, templates);
      expect(verdict.failure).toMatch(/no writer is refused|both writers commit|batches are numbered/);
    },
    PATIENCE_MS,
  );
});
