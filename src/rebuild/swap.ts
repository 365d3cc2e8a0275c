import { LoaderError } from '../errors.ts';
import { catchUp, MAX_ROUNDS } from './close-gap.ts';
import { carryRights, type Rights } from './rights.ts';
import { ownStatement, runToEnd } from './statements.ts';
import type { RebuildDeps } from './deps.ts';

/** The statements of the swap, in order, and what it means when one of the two checks among them fails. */
const STEPS = [
  'swap-1-lock',
  'swap-2-number',
  'swap-3-check-caught-up',
  'swap-4-check-own',
  'swap-5-record',
  'swap-6-rename-live',
  'swap-7-rename-next',
] as const;

/**
 * Puts the next star in the place of the live one, in one transaction under the lock, once it has whatever the live one has. Where
 * the live star has merged another batch by then, nothing happens and it is caught up with once more.
 * @throws LoaderError
 */
export async function swap(since: number, readRights: () => Promise<Rights>, deps: RebuildDeps): Promise<void> {
  let caughtUp = since;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    deps.onLoaded(0);
    caughtUp = await catchUp(caughtUp, deps);
    if (round === 1) {
      await carryRights(await readRights(), deps);
      // Giving rights took a while.
      caughtUp = await catchUp(caughtUp, deps);
    }
    const values = { literals: { run_id: deps.runId }, keywords: { caught_up: String(caughtUp) } };
    const statements = STEPS.map((name) => ownStatement(name, deps, values));
    const result = await runToEnd(`swap-${round}`, statements, deps);
    if (result.kind === 'committed') return;
    if (!/divi(sion|de) by zero/i.test(result.error.message)) throw result.error;
    if (result.statement?.name === 'swap-4-check-own') throw notOurs();
    deps.log.info('the live star merged a batch meanwhile', { round });
  }
  throw new LoaderError(
    'conflict',
    `The live star merged a batch in each of ${MAX_ROUNDS} attempts to swap, so nothing was swapped.`,
    'Run the same command again at a quieter time: it goes on from here',
  );
}

function notOurs(): LoaderError {
  return new LoaderError(
    'usage',
    'The next star was taken over by another run, or one of the two was upgraded, so nothing was swapped.',
    'Run the same command again once nothing else changes the schema',
  );
}
