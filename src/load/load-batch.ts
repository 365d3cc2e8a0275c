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
import { halves, SEARCH_BUDGET, type SearchBudget, type BadFiles } from './search.ts';
import { type BatchProgress, beginProgress, remaining } from './progress.ts';
import { groupName, groupObjects } from './batches.ts';

/** Retries of one batch after transient failures: enough for conflicts to clear, few enough to leave time for other batches. */
export const MAX_RETRIES = 4;
/** Searches for bad files. One finds all bad content, one all unreadable objects; more means the objects keep changing. */
const MAX_SEARCHES = 6;
/** The pause before the n-th retry is random, up to this times 2^n. */
const PAUSE_MS = 200;
/** How often an object must fail alone after COPY before it is suspected. */
const FAILURES_ALONE = 2;

type Failure = Exclude<TransactionResult, { kind: 'committed' }>;

type Context = { deps: LoadDeps; deadlineMs: number; budget: SearchBudget };

/**
 * Loads one batch in one transaction. Transient failures are retried while time remains; bad files are found and recorded,
 * and the rest commits together with their records. The batch is split, and returns more than one outcome, only when a
 * statement after COPY fails. `notLoaded` holds objects that were decided earlier and are only recorded.
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
  const suspects = outcomes.filter(isSuspected);
  // When nothing commits, the warehouse or the SQL may be at fault: then only one file is tried for quarantine.
  const healthy = outcomes.some((one) => one.kind === 'committed' && one.report.objectsLoaded > 0);
  const toQuarantine = healthy ? suspects : suspects.slice(0, 1);
  const tried = new Set<BatchOutcome>(toQuarantine);
  const others = outcomes.filter((one) => !tried.has(one));
  const quarantined = await quarantineSuspects(batchId, toQuarantine, { ...context, budget: { left: 0 } });
  return [...others, ...quarantined];
}

/** A part of a batch that came down to one object, which fails after COPY for itself. */
type Suspected = Extract<BatchOutcome, { kind: 'returned' }> & { suspect: object };

function isSuspected(outcome: BatchOutcome): outcome is Suspected {
  return outcome.kind === 'returned' && outcome.suspect !== undefined;
}

/**
 * Quarantines what failed alone, in a transaction per source that runs all statements of the source without those files. When
 * that fails too, the statements are at fault and the files are returned. Several sources at once might be too many statements.
 */
async function quarantineSuspects(
  batchId: string,
  suspects: readonly Suspected[],
  context: Context,
): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (const source of new Set(suspects.map(({ suspect }) => suspect.object.source))) {
    const own = suspects.filter(({ suspect }) => suspect.object.source === source);
    const recorded = own.flatMap(({ error, statement, suspect }) =>
      suspect.recorded.map(({ object, result }) => ({
        object,
        result: result.status === 'loaded' ? failedAfterCopy(error, statement) : result,
      })),
    );
    const results = new Map(recorded.map(({ object, result }) => [object.objectId, result]));
    const objects = recorded.map(({ object }) => object);
    const progress = beginProgress(`${batchId}q-${source.name}`, objects, results);
    const ended = await loadPart({ ...progress, emptySources: [source] }, context);
    if (ended.some((one) => one.kind === 'committed')) context.deps.meter.count('ObjectsFailedAfterCopy', own.length);
    outcomes.push(...ended);
  }
  return outcomes;
}

async function loadPart(progress: BatchProgress, context: Context): Promise<BatchOutcome[]> {
  const { deps, deadlineMs } = context;
  const { batchId, objects } = progress;
  for (;;) {
    if (deps.clock.now() >= deadlineMs)
      return [returned(progress, ended('the invocation ran out of time for this batch'))];
    if (context.budget.left < 0)
      return [returned(progress, ended(`the failing file was not found within ${SEARCH_BUDGET} transactions`))];
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
    // Only a transaction known to be rolled back may rerun under a new token; the old token resolves an unknown one.
    if (result.kind === 'failed') progress.token += 1;
  }
}

/** Decides how to continue after a failure: retry, split, suspect the object, or return the batch with an error. */
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
      const reason = verdict === 'rejected' ? 'rows were rejected' : result.error.message;
      context.deps.log.warn('bad objects found', { batchId: progress.batchId, objects: found.size, error: reason });
      return 'again';
    }
    case 'split':
      return split(result.error, progress, context);
    case 'stop':
      return result.error;
  }
}

/** A statement after COPY failed: halve while there are several objects, retry once when one is alone. */
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
  deps.log.warn('batch retried', { batchId, retries, code: error.code, error: error.message });
  await deps.clock.sleep(pause);
  return 'again';
}

/** Finds the files behind a failure, or the error to return the batch with when no file is at fault. */
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

function ended(text: string): LoaderError {
  return new LoaderError('deadline', text, 'It is retried automatically');
}
