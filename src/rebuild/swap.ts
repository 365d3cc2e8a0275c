import { LoaderError } from '../errors.ts';
import { catchUp, loadChangedSince } from './close-gap.ts';
import { readState } from './next-schema.ts';
import { carryRights, type Rights } from './rights.ts';
import { ownStatement, runToEnd } from './statements.ts';
import { deadlineOf, type RebuildDeps } from './deps.ts';

/** How often it is tried without holding anything up. A live star that merges all the time leaves no gap of a few seconds. */
const FREE_ROUNDS = 3;
/** How often it is tried with the lock held. */
const HELD_ROUNDS = 3;
/** How long the lock is held at most when this process dies meanwhile: then the session ends, and its transaction with it. */
const HOLD_SECONDS = 60;

/** The statements of the swap: what comes before the last look at the live star, and what behind it. */
const LOCKED = ['swap-1-lock', 'swap-2-number', 'swap-4-check-own', 'swap-5-carry-accepted', 'swap-6-record'] as const;
const RENAMED = ['swap-7-rename-live', 'swap-8-rename-next'] as const;
const CAUGHT_UP = 'swap-3-check-caught-up';

/**
 * Puts the next star in the place of the live one, in one transaction under the live star's lock, once it has whatever the live one
 * has. It tries so without holding the lock meanwhile: then the transaction fails if another batch was merged since, and the next
 * star is caught up with. Where that happens again and again, the lock is held while the last files are loaded, for a few seconds
 * in which loads wait and readers do not. Gives what the next star lacks, if that is why nothing was swapped.
 * @throws LoaderError
 */
export async function swap<Lacking>(since: number, asks: Asks<Lacking>, deps: RebuildDeps): Promise<Lacking[]> {
  try {
    return await trySwap(since, asks, deps);
  } catch (error) {
    // The reply to a commit can be lost, and then the star itself says what became of it.
    if (!(error instanceof LoaderError && (await isSwapped(deps)))) throw error;
    return [];
  }
}

/** What a swap has to know: the rights to carry over, and what the next star lacks whenever it has caught up. */
type Asks<Lacking> = { readRights: () => Promise<Rights>; findLacking: () => Promise<Lacking[]> };

async function isSwapped(deps: RebuildDeps): Promise<boolean> {
  const state = await readState(deps.schemas.live, deps);
  return typeof state !== 'string' && state.runId === deps.runId && state.swappedAt !== undefined;
}

async function trySwap<Lacking>(
  since: number,
  { readRights, findLacking }: Asks<Lacking>,
  deps: RebuildDeps,
): Promise<Lacking[]> {
  await carryRights(await readRights(), deps);
  let caughtUp = since;
  for (let round = 1; round <= FREE_ROUNDS; round += 1) {
    deps.onLoaded(0);
    caughtUp = await catchUp(caughtUp, deps);
    const lacking = await findLacking();
    if (lacking.length > 0) return lacking;
    if (await swapUnless(caughtUp, round, deps)) return [];
  }
  for (let round = 1; ; round += 1) {
    deps.onLoaded(0);
    try {
      await swapHolding(caughtUp, deps);
      return [];
    } catch (error) {
      if (!(error instanceof LoaderError && error.retryable) || round === HELD_ROUNDS) throw error;
      if (await isSwapped(deps)) return [];
      caughtUp = await catchUp(caughtUp, deps);
    }
  }
}

/** Swaps, unless the live star has merged another batch since. @throws LoaderError */
async function swapUnless(caughtUp: number, round: number, deps: RebuildDeps): Promise<boolean> {
  const values = { literals: { run_id: deps.runId }, keywords: { caught_up: String(caughtUp) } };
  const steps = [...LOCKED.slice(0, 2), CAUGHT_UP, ...LOCKED.slice(2), ...RENAMED];
  const statements = steps.map((name) => ownStatement(name, deps, values));
  const result = await runToEnd(`swap-${round}`, statements, deps);
  if (result.kind === 'committed') return true;
  if (!isDeliberate(result.error)) throw result.error;
  if (result.statement?.name !== CAUGHT_UP) throw notOurs();
  return false;
}

/**
 * Swaps with the lock held from the last look on. The transaction is open over several calls of one session
 * (https://github.com/awslabs/mcp/pull/1278 works so); the loads into the next star run in sessions of their own.
 */
async function swapHolding(caughtUp: number, deps: RebuildDeps): Promise<void> {
  const { warehouse } = deps.connection;
  const run = (name: string, text: string, sessionId?: string): Promise<string> => {
    const session = sessionId === undefined ? { keepAliveSeconds: HOLD_SECONDS } : { sessionId };
    return warehouse.inSession(`sparkify rebuild ${name}`, text, deadlineOf(deps), session);
  };
  const session = await run('begin', 'BEGIN');
  try {
    const take = async (steps: readonly string[]): Promise<void> => {
      for (const name of steps) {
        await run(name, ownStatement(name, deps, { literals: { run_id: deps.runId } }).text, session);
      }
    };
    await take(LOCKED);
    await loadChangedSince(caughtUp, deps);
    await take(RENAMED);
    await run('commit', 'COMMIT', session);
  } catch (error) {
    await run('rollback', 'ROLLBACK', session).catch((second: unknown) => {
      deps.log.warn('the lock is held until its session ends', { seconds: HOLD_SECONDS, error: String(second) });
    });
    throw error instanceof LoaderError && isDeliberate(error) ? notOurs() : error;
  }
}

function isDeliberate({ message }: LoaderError): boolean {
  return /divi(sion|de) by zero/i.test(message);
}

function notOurs(): LoaderError {
  return new LoaderError(
    'usage',
    'The next star was taken over by another run, or one of the two was upgraded, so nothing was swapped.',
    'Run the same command again once nothing else changes the schema',
  );
}
