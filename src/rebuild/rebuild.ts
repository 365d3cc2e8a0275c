import { createHash } from 'node:crypto';
import { LoaderError } from '../errors.ts';
import { runReport } from '../ledger/reports.ts';
import { newestVersion } from '../schema/migrations.ts';
import { catchUp } from './close-gap.ts';
import { compareStars, type Comparison } from './compare-stars.ts';
import { questionsOf, ledgerOf, type RebuildDeps } from './deps.ts';
import { fillFromListing } from './fill.ts';
import { dropSchemaOf, giveSignOfLife, readState, takeNextSchema } from './next-schema.ts';
import { readRights, requireSuperuser, type Rights } from './rights.ts';
import { swap } from './swap.ts';

/** Refuses what a rebuild cannot begin from, and gives what it will carry over and what it will not. @throws LoaderError */
export async function examineLive(deps: RebuildDeps): Promise<Rights> {
  const { live, old } = deps.schemas;
  await requireSuperuser(deps);
  const [row] = await runReport('schema-version', {}, ledgerOf(deps, live));
  const newest = newestVersion(deps.connection.templates.schema);
  if (Number(row?.version) !== newest) {
    throw new LoaderError(
      'usage',
      `Schema ${live} is at version ${Number(row?.version)}, this release makes version ${newest}.`,
      'First make them the same: npx sparkify create-tables',
    );
  }
  const replacedAt = await readOld(deps);
  if (replacedAt !== undefined) {
    throw new LoaderError(
      'usage',
      `Schema ${old} is still there: the star of before the last rebuild, which ${live} replaced at ${replacedAt}.`,
      'When nothing needs it any more: npx sparkify rebuild --drop-old',
    );
  }
  return readRights(deps);
}

/** A version that the live star has loaded and the next one could not. */
export type NewlyQuarantined = { url: string; reason: string };

/**
 * What became of a rebuild: swapped, with so many objects that are quarantined; not swapped because the next star lacks files that
 * the live one has; or only compared.
 */
export type Rebuilt =
  | { kind: 'swapped'; notLoaded: number }
  | { kind: 'lacking'; quarantined: NewlyQuarantined[] }
  | { kind: 'compared'; comparison: Comparison };

/**
 * Loads the landing buckets as they are now into the next schema, beside the live star, and swaps the two, or compares them. It can
 * be killed anywhere: the live star serves on, and the next run goes on where this one stopped.
 * @throws LoaderError
 */
export async function rebuild(
  { check, withQuarantined }: { check: boolean; withQuarantined: boolean },
  deps: RebuildDeps,
): Promise<Rebuilt> {
  const state = await takeNextSchema(rulesOf(deps), deps);
  if (state.anew) deps.log.warn('the next star was begun by another release, and is made anew');
  let swapped = false;
  try {
    await fillFromListing(deps);
    const since = await catchUp(state.liveBatch, deps);
    if (check) return { kind: 'compared', comparison: await compareStars(deps) };
    // Asked before the swap, after which nothing may fail.
    const notLoaded = await countQuarantined(deps);
    const findLacking = (): Promise<NewlyQuarantined[]> =>
      withQuarantined ? Promise.resolve([]) : readNewlyQuarantined(deps);
    const quarantined = await swap(since, { readRights: () => readRights(deps), findLacking }, deps);
    if (quarantined.length > 0) return { kind: 'lacking', quarantined };
    swapped = true;
    return { kind: 'swapped', notLoaded };
  } finally {
    if (!swapped) await release(deps);
  }
}

async function countQuarantined(deps: RebuildDeps): Promise<number> {
  const states = await runReport('keys-by-status', {}, ledgerOf(deps, deps.schemas.next));
  return Number(states.find(({ status }) => status === 'quarantined')?.objects ?? 0);
}

/** Lets the next run go on at once. Where even that fails, it has to wait a minute, which it will be told. */
async function release(deps: RebuildDeps): Promise<void> {
  try {
    await giveSignOfLife(deps, 'release');
  } catch (error) {
    deps.log.warn('the rebuild could not be given up', {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

/** The rules by which the next star is made: a change of one of them, and it has to be made anew. */
function rulesOf({ connection: { templates, config } }: RebuildDeps): string {
  const rules = JSON.stringify([templates.schema, templates.load, config.landing]);
  return createHash('md5').update(rules).digest('hex');
}

async function readNewlyQuarantined(deps: RebuildDeps): Promise<NewlyQuarantined[]> {
  const identifiers = { next: deps.schemas.next };
  const rows = await runReport('newly-quarantined', {}, questionsOf(deps, deps.schemas.live), { identifiers });
  return rows.map(({ bucket, key, reason }) => ({
    url: `s3://${String(bucket)}/${String(key)}`,
    reason: String(reason),
  }));
}

/**
 * When the star of before the last rebuild was replaced, UTC; undefined when there is none.
 * @throws LoaderError, `usage`, for a schema of its name that no rebuild put there.
 */
export async function readOld(deps: RebuildDeps): Promise<string | undefined> {
  const { live, old } = deps.schemas;
  const before = await readState(old, deps);
  if (before === 'none') return undefined;
  const state = await readState(live, deps);
  const swappedAt = typeof state === 'string' ? undefined : state.swappedAt;
  if (before !== 'foreign' && swappedAt !== undefined) return swappedAt;
  throw new LoaderError(
    'usage',
    `Schema ${old} is there, and no rebuild of ${live} put it there.`,
    `Rename it, or drop it: npx sparkify query "DROP SCHEMA ${old} CASCADE"`,
  );
}

/** Drops the star of before the last rebuild. @throws LoaderError */
export async function dropOld(deps: RebuildDeps): Promise<void> {
  await dropSchemaOf(deps.schemas.old, deps);
}
