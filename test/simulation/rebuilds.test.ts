import { SEED } from '../support/seed.ts';
import { startTestStack } from '../support/stack.ts';
import { checkRebuilds, givenPath } from './properties.ts';

/** `npm run prove` looks at as many as it has time for. */
const HISTORIES = 4;
const PATIENCE_MS = 300_000;

test(
  'a rebuild ends in the tables that the bucket as it is gives, whatever was dropped, moved or deleted before, and landed meanwhile',
  async () => {
    const stack = await startTestStack({ eventSource: false });
    try {
      const { failure, tally } = await checkRebuilds(stack, {
        runs: HISTORIES,
        seed: SEED,
        shrink: false,
        ...givenPath(),
      });
      expect(failure).toBeUndefined();
      expect(tally.rebuilds).toBe(HISTORIES);
      expect(tally.acts).toBeGreaterThan(0);
    } finally {
      await stack.stop();
    }
  },
  PATIENCE_MS,
);
