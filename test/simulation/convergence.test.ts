import { checkConvergence, freshSeed, givenPath } from './properties.ts';
import { World } from './world.ts';

/** How long this test may look for a counterexample; `npm run prove` looks as long as it is told. */
const SEARCH_MS = 40_000;

describe('convergence', () => {
  test(
    'any delivery of any history ends in the tables that the final contents of the bucket give',
    async () => {
      const world = await World.start();
      try {
        const verdict = await checkConvergence(world, {
          runs: 1000,
          seed: freshSeed(),
          timeMs: SEARCH_MS,
          ...givenPath(),
        });
        process.stderr.write(
          `convergence: seed ${verdict.seed}, ${verdict.runs} histories, ${verdict.tally.deliveries} deliveries\n`,
        );
        expect(verdict.failure).toBeUndefined();
        expect(verdict.runs).toBeGreaterThan(0);
      } finally {
        await world.stop();
      }
    },
    SEARCH_MS * 6,
  );
});
