import { classifyFailure } from './failure.ts';
import type { TransactionResult } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { decide } from './decide.ts';
import { findUnusableFiles } from './find-unusable-files.ts';
import { findBadContent, findUnreadable, reasonFromError } from './find-bad-files.ts';
import type { LoadDeps } from './deps.ts';
import type { FieldsSeen } from './notice-fields.ts';
import type { SearchBudget, BadFiles, FileSearch } from './search.ts';
import { type BatchProgress, remaining } from './progress.ts';
import { groupName, groupObjects, type Group } from './batches.ts';

/** Retries of one batch after transient failures: enough for conflicts to clear, few enough to leave time for other batches. */
export const MAX_RETRIES = 4;
/** Searches for bad files. One finds all bad content, one all unreadable objects; more means the objects keep changing. */
const MAX_SEARCHES = 6;
/** The pause before the n-th retry is random, up to this times 2^n. */
const PAUSE_MS = 200;
/**
 * A session can be refused for about two seconds behind its first statement:
 * https://github.com/ballerina-platform/module-ballerinax-aws.redshiftdata waits so long in its tests.
 */
const SESSION_PAUSE_MS = 2000;
/** How often an object must fail alone after COPY before it is suspected. */
const FAILURES_ALONE = 2;

/** Why a batch did not commit: a transaction failed, its reply was lost, or staging found rows it rejects. */
export type Failure = Exclude<TransactionResult, { kind: 'committed' }> | { kind: 'rejected' };

/** What loading a batch needs beside its progress. */
export type Context = {
  deps: LoadDeps;
  deadlineMs: number;
  budget: SearchBudget;
  fields: FieldsSeen;
  /** Takes when the newest row of an object was recorded, where the ledger must be asked again. */
  recordedMs: Map<string, number>;
};

/** How to go on after a failure; an error returns the batch to the queue. */
export type Next = 'again' | 'split' | 'suspect' | LoaderError;

/** Decides how to go on after a failure: retry, stage anew, split, suspect the object, or return the batch with an error. */
export async function react(result: Failure, progress: BatchProgress, context: Context): Promise<Next> {
  if (result.kind === 'rejected') return reactToRejected(progress, context);
  const statement = result.kind === 'failed' ? result.statement : undefined;
  const verdict = classifyFailure(result.error, statement);
  if (result.kind === 'failed') progress.token += 1;
  switch (verdict) {
    case 'retry':
      return retry(result.error, progress, context);
    case 'stage':
      if (progress.sessionMissed) stageAnew(progress);
      else await waitForSession(progress, context);
      return retry(result.error, progress, context);
    case 'survey':
      progress.surveyAgain = true;
      return retry(lost('another load committed plays of these songs'), progress, context);
    case 'decide':
      return decideAnew(progress, context);
    case 'content':
    case 'unreadable': {
      const found = await find(progress, context, async (search, groups) => {
        const group = groups.find((one) => groupName(one) === statement?.group);
        if (!group) return 'split';
        if (verdict === 'unreadable') return findUnreadable(group, result.error, search);
        const bad = await findBadContent(group, search);
        const [only, ...others] = group.objects;
        if (bad.size > 0) return bad;
        return only && others.length === 0 ? new Map([[only.objectId, reasonFromError(result.error)]]) : 'split';
      });
      if (found === 'split') return split(result.error, progress, context);
      if (found instanceof LoaderError) return found.retryable ? retry(found, progress, context) : found;
      return leaveOut(found, result.error.message, progress, context);
    }
    case 'split':
      return split(result.error, progress, context);
    case 'stop':
      return result.error;
  }
}

/** Staging rejected rows: finds the files without a usable row. When there are none, the staged tables are merged as they are, if the search did not outlast them. */
async function reactToRejected(progress: BatchProgress, context: Context): Promise<Next> {
  const found = await find(progress, context, (search, groups) => findUnusableFiles(groups, search));
  const error = lost('the files of the rejected rows were not found');
  if (found === 'split') return split(error, progress, context);
  if (found instanceof LoaderError) return found.retryable ? retry(found, progress, context) : found;
  progress.rejectionsFound = true;
  if (found.size > 0) return leaveOut(found, 'rows were rejected', progress, context);
  const { staged } = progress;
  if (staged !== undefined && context.deps.clock.now() >= staged.aliveUntilMs) stageAnew(progress);
  return 'again';
}

function leaveOut(found: BadFiles, reason: string, progress: BatchProgress, { deps }: Context): Next {
  for (const [id, result] of found) progress.notLoaded.set(id, result);
  stageAnew(progress);
  deps.log.warn('bad objects found', { batchId: progress.batchId, objects: found.size, error: reason });
  return 'again';
}

/**
 * The first time a session is said to be gone it may only not be ready yet: it is asked for once more after a pause. What is
 * staged took most of the load's time.
 */
async function waitForSession(progress: BatchProgress, { deps, deadlineMs }: Context): Promise<void> {
  progress.sessionMissed = true;
  await deps.clock.sleep(Math.min(SESSION_PAUSE_MS, Math.max(0, deadlineMs - deps.clock.now())));
}

/** Gives up what is staged. The next attempt has a new token. */
function stageAnew(progress: BatchProgress): void {
  if (progress.staged !== undefined) progress.token += 1;
  progress.staged = undefined;
  progress.surveyAgain = false;
  progress.sessionMissed = false;
}

/** Another load recorded objects of this batch: asks the ledger again, and stages what is left. What was found bad is open again. */
async function decideAnew(progress: BatchProgress, context: Context): Promise<Next> {
  const error = lost('another load recorded an object of this batch');
  // The quarantine of suspects holds for the content that failed, which is no longer the newest.
  if (progress.emptySources.length > 0) return error;
  const next = await retry(error, progress, context);
  if (next !== 'again') return next;
  try {
    const decided = await decide(progress.objects, context.deps, context.deadlineMs);
    const { load, skipped, results, asked, recordedMs } = decided;
    for (const [id, ms] of recordedMs) context.recordedMs.set(id, ms);
    progress.objects = load;
    progress.notLoaded = new Map(results);
    progress.asked = asked;
    progress.skipped.push(...skipped);
    progress.rejectionsFound = false;
    context.fields.scans.clear();
    stageAnew(progress);
    return 'again';
  } catch (failure) {
    if (failure instanceof LoaderError) return failure;
    throw failure;
  }
}

function lost(message: string): LoaderError {
  return new LoaderError('conflict', message, 'It is retried automatically');
}

/** A statement after COPY failed: halve while there are several objects, retry once when one is alone. */
async function split(
  error: LoaderError,
  progress: BatchProgress,
  { deps, deadlineMs, budget }: Context,
): Promise<Next> {
  budget.left -= 1;
  if (budget.left < 0) return error;
  const left = remaining(progress);
  if (left.length <= 1) progress.failuresAlone += 1;
  if (progress.failuresAlone >= FAILURES_ALONE) return left.length === 1 ? 'suspect' : error;
  const pause = deps.clock.random() * PAUSE_MS;
  if (deps.clock.now() + pause >= deadlineMs) return error;
  await deps.clock.sleep(pause);
  stageAnew(progress);
  return left.length > 1 ? 'split' : 'again';
}

async function retry(error: LoaderError, progress: BatchProgress, { deps, deadlineMs }: Context): Promise<Next> {
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

/** Runs a search for the files behind a failure; `split` after too many, and the error when the search itself fails. */
async function find(
  progress: BatchProgress,
  context: Context,
  search: (search: FileSearch, groups: Group[]) => Promise<BadFiles | 'split'>,
): Promise<BadFiles | 'split' | LoaderError> {
  progress.searches += 1;
  if (progress.searches > MAX_SEARCHES) return 'split';
  const attemptId = `${progress.batchId}-v${progress.searches}`;
  try {
    return await search({ ...context, attemptId }, groupObjects(remaining(progress)));
  } catch (error) {
    if (error instanceof LoaderError) return error;
    throw error;
  }
}
