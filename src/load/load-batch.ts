import type { Recorded } from '../ledger/entries.ts';
import type { Decision } from './decide.ts';
import type { Asked } from './survey.ts';
import { runReport } from '../ledger/reports.ts';
import { readReport, type BatchOutcome } from './outcome.ts';
import { failedAfterCopy } from './failure.ts';
import type { Candidate } from '../objects/source.ts';
import { LoaderError } from '../errors.ts';
import { mergeBatch, stageBatch, surveyAgain } from './submit-batch.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';
import { findUnknownFields, noticeFields } from './notice-fields.ts';
import { halves, SEARCH_BUDGET } from './search.ts';
import { type BatchProgress, beginProgress, remaining } from './progress.ts';
import { react, type Context, type Failure } from './react.ts';

/**
 * Loads one batch: stages it, without the lock, and merges it, under the lock. Transient failures are retried while time remains;
 * bad files are found and recorded, and the rest commits together with their records. What another load recorded meanwhile is
 * skipped. The batch is split, and returns more than one outcome, only when a statement after COPY fails. `results` holds
 * objects that were decided earlier and are only recorded; `asked` is when the ledger was asked about all of them,
 * and `recordedMs` takes what it answers when it must be asked again.
 */
export async function loadBatch(
  batchId: string,
  objects: readonly Candidate[],
  deps: LoadDeps,
  deadlineMs: number,
  { results, asked, recordedMs }: Pick<Decision, 'results' | 'asked' | 'recordedMs'>,
): Promise<BatchOutcome[]> {
  const fields = { seed: batchId, scans: new Map() };
  const context = { deps, deadlineMs, budget: { left: SEARCH_BUDGET }, fields, recordedMs };
  const outcomes = await loadPart(beginProgress(batchId, objects, results, asked), context);
  const suspects = outcomes.filter(isSuspected);
  // When nothing commits, the warehouse or the SQL may be at fault: then only one file is tried for quarantine.
  const healthy = outcomes.some((one) => one.kind === 'committed' && one.report.objectsLoaded > 0);
  const toQuarantine = healthy ? suspects : suspects.slice(0, 1);
  const tried = new Set<BatchOutcome>(toQuarantine);
  const others = outcomes.filter((one) => !tried.has(one));
  const quarantined = await quarantineSuspects(batchId, toQuarantine, asked, { ...context, budget: { left: 0 } });
  return [...others, ...quarantined];
}

/** A part of a batch that came down to one object, which fails after COPY for itself. */
type Suspected = Extract<BatchOutcome, { kind: 'returned' }> & { suspect: object };

function isSuspected(outcome: BatchOutcome): outcome is Suspected {
  return outcome.kind === 'returned' && outcome.suspect !== undefined;
}

/**
 * Quarantines what failed alone, in a load per source that runs all statements of the source without those files. When that
 * fails too, the statements are at fault and the files are returned. Several sources at once might be too many statements.
 */
async function quarantineSuspects(
  batchId: string,
  suspects: readonly Suspected[],
  asked: Asked,
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
    const progress = beginProgress(`${batchId}q-${source.name}`, objects, results, asked);
    const ended = await loadPart({ ...progress, emptySources: [source] }, context);
    if (ended.some((one) => one.kind === 'committed')) context.deps.meter.count('ObjectsFailedAfterCopy', own.length);
    outcomes.push(...ended);
  }
  return outcomes;
}

/** Loads a part of a batch, and tells what became of each of its objects. */
async function loadPart(progress: BatchProgress, context: Context): Promise<BatchOutcome[]> {
  const outcomes = await loadRest(progress, context);
  return progress.skipped.length === 0 ? outcomes : [{ kind: 'skipped', skipped: progress.skipped }, ...outcomes];
}

async function loadRest(progress: BatchProgress, context: Context): Promise<BatchOutcome[]> {
  const { deps, deadlineMs } = context;
  while (progress.objects.length > 0) {
    if (deps.clock.now() >= deadlineMs)
      return [returned(progress, ended('the invocation ran out of time for this batch'))];
    if (context.budget.left < 0)
      return [returned(progress, ended(`the failing file was not found within ${SEARCH_BUDGET} tries`))];
    const recorded = progress.objects.map((object): Recorded => ({
      object,
      result: progress.notLoaded.get(object.objectId) ?? { status: 'loaded' },
    }));
    const result = await advance(progress, recorded, context);
    if (result === 'advanced') continue;
    if (result.kind === 'committed') {
      return [{ kind: 'committed', batchId: progress.batchId, report: readReport(result.rows), recorded }];
    }
    const next = await react(result, progress, context);
    if (next === 'split') return loadHalves(progress, context);
    if (next === 'suspect') {
      const [object] = remaining(progress);
      const suspect = object && { suspect: { object, recorded } };
      const error = result.kind === 'rejected' ? ended('rows were rejected') : result.error;
      return [{ ...returned(progress, error, result), ...suspect }];
    }
    if (next !== 'again') return [returned(progress, next, result)];
  }
  return [];
}

type Committed = { kind: 'committed'; rows: Parameters<typeof readReport>[0] };

/**
 * Takes the next step of a load: stages, surveys or merges. A transaction whose reply was lost is submitted again under its own
 * token, which resolves it; only one that is known to be rolled back gets a new one.
 */
async function advance(
  progress: BatchProgress,
  recorded: readonly Recorded[],
  { deps, deadlineMs, fields }: Context,
): Promise<'advanced' | Committed | Failure> {
  const { batchId, staged } = progress;
  if (staged === undefined) {
    const unknown = await findUnknownFields(remaining(progress), fields, deps, deadlineMs);
    for (const [id, result] of unknown) progress.notLoaded.set(id, result);
    if (unknown.size > 0) return 'advanced';
  }
  const attempt = { id: `${batchId}-${progress.token}`, batchId, asked: progress.asked, deadlineMs };
  if (staged === undefined || progress.surveyAgain) {
    const result =
      staged === undefined
        ? await stageBatch(
            attempt,
            recorded,
            noticeFields(recorded, fields, deps, deadlineMs),
            progress.emptySources,
            deps,
          )
        : await surveyAgain(attempt, staged, deps);
    if (result.kind !== 'staged') return result;
    progress.staged = result.staged;
    progress.surveyAgain = false;
    progress.token += 1;
    return 'advanced';
  }
  if (staged.survey.rejectedRows > 0 && !progress.rejectionsFound) return { kind: 'rejected' };
  const result = await mergeBatch(attempt, staged, deps);
  if (result.kind === 'committed') return result;
  if (result.kind === 'unknown' && result.error.code === 'session') {
    return (await findCommitted(progress, deps, deadlineMs)) ?? result;
  }
  return result;
}

/**
 * What a batch recorded whose session is gone; undefined when its merge did not commit, and then it never will. It may have
 * committed unseen even if this was its first submission: the client repeats a call whose reply was lost by itself. A failure to
 * find out is one of the load.
 */
async function findCommitted(
  { batchId }: BatchProgress,
  deps: LoadDeps,
  deadlineMs: number,
): Promise<Committed | Failure | undefined> {
  try {
    const rows = await runReport('batch-report', { batch_id: batchId }, ledgerOf(deps, deadlineMs));
    return rows.length === 0 ? undefined : { kind: 'committed', rows };
  } catch (error) {
    if (error instanceof LoaderError) return { kind: 'unknown', error };
    throw error;
  }
}

async function loadHalves(progress: BatchProgress, context: Context): Promise<BatchOutcome[]> {
  const { batchId, objects, notLoaded, asked, rejectionsFound } = progress;
  const [left, right] = halves(objects);
  return [
    ...(await loadPart(beginProgress(`${batchId}l`, left, notLoaded, asked, rejectionsFound), context)),
    ...(await loadPart(beginProgress(`${batchId}r`, right, notLoaded, asked, rejectionsFound), context)),
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
