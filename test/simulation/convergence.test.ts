import { SEED } from '../support/seed.ts';
import { startTestStack } from '../support/stack.ts';
import { checkConvergence, givenPath } from './properties.ts';

/** So many histories are enough to find most mistakes; `npm run prove` looks as long as it is told. */
const HISTORIES = 9;
const PATIENCE_MS = 300_000;

describe('convergence', () => {
  test(
    'any delivery of any history ends in the tables that the final contents of the bucket give',
    async () => {
      const stack = await startTestStack({ eventSource: false });
      try {
        const { failure, tally } = await checkConvergence(stack, { runs: HISTORIES, seed: SEED, ...givenPath() });
        expect(failure).toBeUndefined();
        expect(tally.deliveries).toBeGreaterThan(HISTORIES);
        expect([tally.faults, tally.repaired]).not.toContain(0);
      } finally {
        await stack.stop();
      }
    },
    PATIENCE_MS,
  );
});
