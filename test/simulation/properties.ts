/** Properties as they are run by the tests and by the command: with a seed that is printed, for some runs or some time. */
import fc from '../support/fast-check.ts';
import { messageOf } from '../../src/errors.ts';
import { converge, emptyTally, type Tally } from './converge.ts';
import { schedules } from './deliveries.ts';
import { histories } from './histories.ts';
import { checkRebuilding, emptyRebuildTally, rebuildings, type RebuildTally } from './rebuilding.ts';
import type { TestStack } from '../support/stack.ts';
import { addCounts } from '../support/load-steps.ts';
import { emptyRaceTally, interleavings, runWriters, type RaceOptions, type RaceTally } from './writers.ts';
import type { Tampering } from './races.ts';

/**
 * How a property is run: how often at most, for how long at most, from which seed and path, and whether a failure is made
 * as small as it can be (it is, unless `shrink` is false).
 */
export type RunSettings = { runs: number; seed: number; path?: string; timeMs?: number; shrink?: false };

/** What running a property showed. `failure` is the smallest counterexample, in words, and `reason` its error's first line. */
export type Verdict = { seed: number; runs: number; failure: string | undefined; reason: string };

/** A round is long enough for large values to come up, and short enough to end soon after the time is up. */
const RUNS_A_ROUND = 100;

/** The path to one counterexample, from the environment, as a failure prints it. */
export function givenPath(): { path?: string } {
  return process.env.PROVE_PATH === undefined ? {} : { path: process.env.PROVE_PATH };
}

/** Checks that any delivery of any history converges. */
export async function checkConvergence(
  stack: TestStack,
  settings: RunSettings,
  tampering: Tampering = {},
): Promise<Verdict & { tally: Tally }> {
  const tally = emptyTally();
  const verdict = await run(
    'convergence',
    fc.record({ files: histories, schedule: schedules }),
    async ({ files, schedule }) => {
      const done = await converge(stack, files, schedule, tampering);
      addCounts(tally, done);
    },
    settings,
  );
  return { ...verdict, tally };
}

/** Checks that several writers at once end as one would. */
export async function checkWriters(
  stack: TestStack,
  settings: RunSettings,
  options: RaceOptions = {},
): Promise<Verdict & { tally: RaceTally }> {
  const tally = emptyRaceTally();
  const verdict = await run(
    'writers',
    interleavings,
    async (one) => {
      addCounts(tally, await runWriters(stack, one, options));
    },
    settings,
  );
  return { ...verdict, tally };
}

/** Checks that a rebuild of any bucket ends in the star of the bucket, whatever it kept and whatever happens meanwhile. */
export async function checkRebuilds(
  stack: TestStack,
  settings: RunSettings,
): Promise<Verdict & { tally: RebuildTally }> {
  const tally = emptyRebuildTally();
  const verdict = await run('rebuilds', rebuildings, (one) => checkRebuilding(stack, one, tally), settings);
  return { ...verdict, tally };
}

/** Runs one property in rounds, each with the next seed, until it failed, was run often enough, or the time is up. */
async function run<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
  settings: RunSettings,
): Promise<Verdict> {
  const endsAt = performance.now() + (settings.timeMs ?? Infinity);
  let runs = 0;
  // When the time is up, what is left of the round passes unlooked at. fast-check's own time limit would leave a check running
  // behind our back, in a stack that the next one believes to be its own.
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (performance.now() > endsAt) return;
    runs += 1;
    await check(value);
  });
  for (let seed = settings.seed; ; seed += 1) {
    const details = await fc.check(property, {
      numRuns: Math.min(RUNS_A_ROUND, settings.runs - runs),
      seed,
      ...(settings.path === undefined ? {} : { path: settings.path }),
      ...(settings.shrink === false ? { endOnFailure: true } : {}),
    });
    if (details.failed) return { seed, runs, ...describeFailure(name, details) };
    if (runs >= settings.runs || performance.now() > endsAt) return { seed, runs, failure: undefined, reason: '' };
  }
}

function describeFailure<T>(name: string, details: fc.RunDetails<T>): { failure: string; reason: string } {
  const { errorInstance: error, seed, counterexample, counterexamplePath } = details;
  const failure = [
    `Counterexample ${JSON.stringify(counterexample, null, 1)}`,
    error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error),
    `Replay: npm run prove -- --only ${name} --seed ${seed} --path ${counterexamplePath ?? ''}`,
  ].join('\n');
  return { failure, reason: messageOf(error).split('\n', 1)[0] ?? '' };
}
