import { groupName, groupObjects } from './plan.ts';
import type { Recorded, NotLoaded } from '../ledger/entries.ts';
import { readReport, type BatchOutcome } from './outcome.ts';
import { failedAfterCopy, classifyFailure } from './failure.ts';
import type { Candidate } from '../objects/source.ts';
import type { TransactionResult } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { findUnusableFiles } from './find-unusable-files.ts';
import { findBadContent, findUnreadable, reasonFromError } from './find-bad-files.ts';
import { submitBatch } from './submit-batch.ts';
import type { LoadDeps } from './deps.ts';
import { halves, SEARCH_BUDGET, type Budget, type BadFiles } from './search.ts';
import { type BatchProgress, beginProgress, remaining } from './progress.ts';

/** Tries of one batch after passing failures: enough for conflicts to pass, few enough to leave time for the others. */
const MAX_RETRIES = 4;
/** Searches for bad files. One finds all bad content, one all unreadable objects; more is a moving target. */
const MAX_SEARCHES = 6;
/** The longest pause before the n-th try is this times 2^n; the pause itself is drawn at random below it. */
const PAUSE_MS = 200;
/** So often an object must fail alone behind COPY before it is suspected. */
const FAILURES_ALONE = 2;

type Failure = Exclude<TransactionResult, { kind: 'committed' }>;

type Context = { deps: LoadDeps; deadlineMs: number; budget: Budget };

/**
 * Loads one batch in one transaction. Passing failures are tried again while time remains; bad files are found and
 * recorded, and the rest commits together with the record of them. Only where something fails behind COPY is the batch split,
 * and so more than one outcome comes back. `notLoaded` is what was decided before: objects that are only recorded.
 */
export async function loadBatch(
  batchId: string,
  objects: readonly Candidate[],
  deps: LoadDeps,
  deadlineMs: number,
  notLoaded: ReadonlyMap<string, NotLoaded> = new Map(),
): Promise<BatchOutcome[]> {
  const context = { deps, deadlineMs, budget: { left: SEARCH_BUDGET } };
  const outcomes = await loadPart(beginProgress(batchId, objects, notLoaded), context);
  const suspects = outcomes.filter((one) => one.kind === 'returned' && one.suspect !== undefined);
  // Where nothing commits it may be the warehouse's trouble or ours: then one file is tried for it, and no more.
  const healthy = outcomes.some((one) => one.kind === 'committed' && one.report.objectsLoaded > 0);
  const guilty = new Set(healthy ? suspects : suspects.slice(0, 1));
  if (guilty.size === 0) return outcomes;
  return [
    ...outcomes.filter((one) => !guilty.has(one)),
    ...(await quarantineSuspects(`${batchId}q`, [...guilty], { ...context, budget: { left: 0 } })),
  ];
}

/**
 * Quarantines what failed alone, in a transaction that runs all the statements of their sources without their files. When that
 * fails too, the statements are at fault and not the files, and the files are returned.
 */
async function quarantineSuspects(
  batchId: string,
  guilty: readonly BatchOutcome[],
  context: Context,
): Promise<BatchOutcome[]> {
  const results = new Map<string, NotLoaded>();
  const objects: Candidate[] = [];
  for (const one of guilty) {
    if (one.kind !== 'returned' || !one.suspect) continue;
    for (const { object, result } of one.suspect.recorded) {
      objects.push(object);
      results.set(object.objectId, result.status === 'loaded' ? failedAfterCopy(one.error, one.statement) : result);
    }
  }
  const rehearsed = [...new Set(objects.map(({ source }) => source))];
  const outcomes = await loadPart({ ...beginProgress(batchId, objects, results), emptySources: rehearsed }, context);
  if (outcomes.some((one) => one.kind === 'committed')) {
    context.deps.meter.count('ObjectsFailedAfterCopy', guilty.length);
  }
  return outcomes;
}

async function loadPart(progress: BatchProgress, context: Context): Promise<BatchOutcome[]> {
  const { deps, deadlineMs } = context;
  const { batchId, objects } = progress;
  for (;;) {
    if (deps.clock.now() >= deadlineMs)
      return [returned(progress, ended('the invocation has no time left for this batch'))];
    if (context.budget.left < 0)
      return [returned(progress, ended(`what fails was not found in ${SEARCH_BUDGET} transactions`))];
    const recorded = objects.map((object): Recorded => ({
      object,
      result: progress.notLoaded.get(object.objectId) ?? { status: 'loaded' },
    }));
    const result = await submitBatch(progress, recorded, deps, deadlineMs);
    if (result.kind === 'committed') return [{ kind: 'committed', batchId, report: readReport(result.rows), recorded }];
    const next = await react(result, progress, context);
    if (next === 'split') return loadHalves(progress, context);
    if (next === 'suspect') {
      const [object] = remaining(progress);
      const suspect = object && { suspect: { object, recorded } };
      return [{ ...returned(progress, result.error, result), ...suspect }];
    }
    if (next !== 'again') return [returned(progress, next, result)];
    // Only a transaction known to be rolled back may run again under a new token; of an unknown one the old token tells.
    if (result.kind === 'failed') progress.token += 1;
  }
}

/** Decides what a failure leads to: another try, a split, a suspicion, or the error the batch is returned with. */
async function react(
  result: Failure,
  progress: BatchProgress,
  context: Context,
): Promise<'again' | 'split' | 'suspect' | LoaderError> {
  const statement = result.kind === 'failed' ? result.statement : undefined;
  const verdict = classifyFailure(result.error, statement);
  switch (verdict) {
    case 'retry':
      return retry(result.error, progress, context);
    case 'content':
    case 'unreadable':
    case 'rejected': {
      const found = await find(verdict, result, progress, context);
      if (found === 'split') return split(result.error, progress, context);
      if (found instanceof LoaderError) return found.retryable ? retry(found, progress, context) : found;
      for (const [id, reason] of found) progress.notLoaded.set(id, reason);
      if (verdict === 'rejected') progress.rejectionsFound = true;
      const said = verdict === 'rejected' ? 'rows were rejected' : result.error.message;
      context.deps.log.warn('bad objects found', { batchId: progress.batchId, objects: found.size, error: said });
      return 'again';
    }
    case 'split':
      return split(result.error, progress, context);
    case 'stop':
      return result.error;
  }
}

/** Something failed behind COPY: halves while there are several objects, and a second try of one that is alone. */
async function split(
  error: LoaderError,
  progress: BatchProgress,
  { deps, deadlineMs, budget }: Context,
): Promise<'again' | 'split' | 'suspect' | LoaderError> {
  budget.left -= 1;
  if (budget.left < 0) return error;
  const left = remaining(progress);
  if (left.length <= 1) progress.failuresAlone += 1;
  if (progress.failuresAlone >= FAILURES_ALONE) return left.length === 1 ? 'suspect' : error;
  const pause = deps.clock.random() * PAUSE_MS;
  if (deps.clock.now() + pause >= deadlineMs) return error;
  await deps.clock.sleep(pause);
  return left.length > 1 ? 'split' : 'again';
}

async function retry(
  error: LoaderError,
  progress: BatchProgress,
  { deps, deadlineMs }: Context,
): Promise<'again' | LoaderError> {
  progress.retries += 1;
  if (progress.retries > MAX_RETRIES) return error;
  const pause = deps.clock.random() * PAUSE_MS * 2 ** progress.retries;
  if (deps.clock.now() + pause >= deadlineMs) return error;
  deps.meter.count('BatchesRetried', 1);
  const { batchId, retries } = progress;
  deps.log.warn('batch is tried again', { batchId, retries, code: error.code, error: error.message });
  await deps.clock.sleep(pause);
  return 'again';
}

/** Finds the files behind a failure. An error instead: what to return the batch with when no single file is to blame. */
async function find(
  verdict: 'content' | 'unreadable' | 'rejected',
  result: Failure,
  progress: BatchProgress,
  context: Context,
): Promise<BadFiles | 'split' | LoaderError> {
  progress.searches += 1;
  if (progress.searches > MAX_SEARCHES) return 'split';
  const groups = groupObjects(remaining(progress));
  const search = { ...context, attemptId: `${progress.batchId}-${progress.token}-v` };
  try {
    if (verdict === 'rejected') return await findUnusableFiles(groups, search);
    const name = result.kind === 'failed' ? result.statement?.group : undefined;
    const group = groups.find((one) => groupName(one) === name);
    if (!group) return 'split';
    if (verdict === 'unreadable') return await findUnreadable(group, result.error, search);
    const found = await findBadContent(group, search);
    const [only, ...others] = group.objects;
    if (found.size > 0) return found;
    return only && others.length === 0 ? new Map([[only.objectId, reasonFromError(result.error)]]) : 'split';
  } catch (error) {
    if (error instanceof LoaderError) return error;
    throw error;
  }
}

async function loadHalves(progress: BatchProgress, context: Context): Promise<BatchOutcome[]> {
  const { batchId, objects, notLoaded, rejectionsFound } = progress;
  const [left, right] = halves(objects);
  return [
    ...(await loadPart(beginProgress(`${batchId}l`, left, notLoaded, rejectionsFound), context)),
    ...(await loadPart(beginProgress(`${batchId}r`, right, notLoaded, rejectionsFound), context)),
  ];
}

function returned({ batchId, objects }: BatchProgress, error: LoaderError, result?: Failure): BatchOutcome {
  return {
    kind: 'returned',
    batchId,
    objectIds: objects.map((object) => object.objectId),
    error,
    statement: result?.kind === 'failed' ? result.statement : undefined,
  };
}

function ended(said: string): LoaderError {
  return new LoaderError('deadline', said, 'It is tried again by itself');
}
