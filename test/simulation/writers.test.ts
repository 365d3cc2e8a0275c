import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { checkWriters, givenPath } from './properties.ts';
import { RACE_EXAMPLES } from './race-examples.ts';
import { playRace } from './races.ts';

/** So many under each level of isolation; `npm run prove` looks as long as it is told. */
const INTERLEAVINGS = 5;
/** How many it may take until what is missing is noticed. */
const MANY = 200;
const PATIENCE_MS = 300_000;
const NOTHING = 'SELECT 1';
const LOCK = 'common/50-lock-load';
const NUMBER = 'common/51-lock-number-batch';

describe.each(['SNAPSHOT', 'SERIALIZABLE'] as const)('writers at once under %s', (isolation) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false, isolation });
  });
  afterAll(() => stack.stop());

  test(
    'load overlapping objects that are overwritten meanwhile, and end as one writer would',
    async () => {
      const settings = { runs: INTERLEAVINGS, seed: SEED, ...givenPath() };
      const { failure, runs, tally } = await checkWriters(stack, settings);
      expect({ failure, runs }).toEqual({ failure: undefined, runs: INTERLEAVINGS });
      expect([tally.unchangedHits, tally.inSeveralRanges]).not.toContain(0);
    },
    PATIENCE_MS,
  );
});

describe('writers at once are found out', () => {
  let stack: TestStack;
  beforeEach(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterEach(() => stack.stop());
  const without = (...files: string[]): Record<string, string> => ({
    ...stack.connection.templates.load,
    ...Object.fromEntries(files.map((file) => [file, NOTHING])),
  });
  const settings = { runs: MANY, seed: SEED, shrink: false } as const;

  // A race that was written down shows each of them at once; in a search, chance is to find them too.
  test.each([
    ['what was recorded since is not looked at', 'common/52-lock-check-unchanged', 'unchangedHits'],
    ['the ranges need not cover the plays to heal', 'songs/67-heal-check-covered', 'coveredHits'],
  ] as const)(
    'when %s',
    async (_, guard, hits) => {
      const templates = without(guard);
      const race = RACE_EXAMPLES.find((example) => example.hits[hits] > 0)!;
      expect((await playRace(stack, race, { templates })).answer).not.toEqual(race.answer);
      if (SEARCHING) expect((await checkWriters(stack, settings, { templates })).failure).toBeDefined();
    },
    PATIENCE_MS,
  );

  test(
    'when neither the lock is taken nor the batch numbered',
    async () => {
      const options = { templates: without(LOCK, NUMBER), mayReturn: true } as const;
      const { reason } = await checkWriters(stack, settings, options);
      expect(reason).toMatch(/batches are numbered|reported 0 rows/);
    },
    PATIENCE_MS,
  );

  test(
    'by the number alone when the lock is missing: one is refused and tries again, and nothing goes wrong in silence',
    async () => {
      const options = { templates: without(LOCK), mayReturn: true } as const;
      let conflicts = 0;
      // Whether two merges meet is chance: as many rounds as it takes, until there were as many as would be strange.
      for (let round = 0; conflicts === 0 && round < MANY / INTERLEAVINGS; round += 1) {
        const seed = SEED + round;
        const { failure, tally } = await checkWriters(stack, { ...settings, seed, runs: INTERLEAVINGS }, options);
        expect(failure).toBeUndefined();
        conflicts += tally.conflicts;
      }
      expect(conflicts).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
});
