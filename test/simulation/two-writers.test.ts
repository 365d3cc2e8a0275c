import { checkTwoWriters, freshSeed, givenPath } from './properties.ts';
import { World } from './world.ts';

/** How long each level of isolation is looked at; `npm run prove` looks as long as it is told. */
const SEARCH_MS = 10_000;

describe.each(['SNAPSHOT', 'SERIALIZABLE'] as const)('two writers at once under %s', (isolation) => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ isolation });
  });
  afterAll(() => world.stop());

  test(
    'load overlapping objects, wait for each other, and end as one writer would',
    async () => {
      const verdict = await checkTwoWriters(world, {
        runs: 1000,
        seed: freshSeed(),
        timeMs: SEARCH_MS,
        ...givenPath(),
      });
      process.stderr.write(`two writers, ${isolation}: seed ${verdict.seed}, ${verdict.runs} interleavings\n`);
      expect(verdict.failure).toBeUndefined();
      expect(verdict.runs).toBeGreaterThan(0);
    },
    SEARCH_MS * 10,
  );

  test(
    'are found out when the lock is missing',
    async () => {
      const { load } = world.stack.connection.templates;
      const templates = { ...load, 'common/01-lock-load': 'SELECT 1' };
      const verdict = await checkTwoWriters(world, { runs: 200, seed: freshSeed(), shrink: false }, templates);
      expect(verdict.failure).toMatch(/no writer is refused|both writers commit|batches are numbered/);
    },
    SEARCH_MS * 10,
  );
});
