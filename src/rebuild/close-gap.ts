import type { ReplayObject } from '../catch-up/replay-messages.ts';
import { runReport } from '../ledger/reports.ts';
import { mapConcurrently } from '../pool.ts';
import { fillFromListing, loadIntoNext, notInNext } from './fill.ts';
import { questionsOf, type RebuildDeps } from './deps.ts';

/** From so many changed keys on, a listing costs less than a question for each of them. */
const LISTED_FROM = 1000;

/**
 * Catches up with the live star from a batch on. Gives the number of a batch up to which the next star has whatever the live one has.
 * @throws LoaderError
 */
export async function catchUp(since: number, deps: RebuildDeps): Promise<number> {
  const [row] = await runReport('live-batch', {}, questionsOf(deps, deps.schemas.live));
  await loadChangedSince(since, deps);
  return Number(row?.batch_no);
}

/**
 * Loads what the live star recorded behind a batch and the next one does not have in that version. No clock decides: the number of
 * the newest batch was asked for first, then the keys, then the bucket, so what is read of an object is not older than what any of
 * those batches read of it.
 * @throws LoaderError
 */
export async function loadChangedSince(since: number, deps: RebuildDeps): Promise<void> {
  const keywords = { since: String(since) };
  const changed = await runReport('changed-keys', {}, questionsOf(deps, deps.schemas.live), { keywords });
  const keys = changed.map(({ bucket, key }) => ({ bucket: String(bucket), key: String(key) }));
  const objects = keys.length < LISTED_FROM ? await lookAt(keys, deps) : undefined;
  if (objects === undefined) await fillFromListing(deps);
  else {
    const failure = await loadIntoNext(await notInNext(objects, deps), deps);
    if (failure) throw failure;
  }
}

/** The objects of some keys as they are now, without those that are gone; undefined when only a listing can tell. */
async function lookAt(
  keys: readonly { bucket: string; key: string }[],
  deps: RebuildDeps,
): Promise<ReplayObject[] | undefined> {
  const { config, objects } = deps.connection;
  const landed = keys.filter(({ bucket }) => config.landing.buckets.includes(bucket));
  const heads = await mapConcurrently(landed, async ({ bucket, key }) => ({
    bucket,
    key,
    head: await objects.head(bucket, key),
  }));
  if (heads.some(({ head }) => head.kind === 'forbidden' || head.kind === 'sealed')) return undefined;
  return heads.flatMap(({ bucket, key, head }) =>
    head.kind === 'present'
      ? [{ bucket, key, etag: head.etag, sizeBytes: head.sizeBytes, lastModifiedMs: head.lastModifiedMs }]
      : [],
  );
}
