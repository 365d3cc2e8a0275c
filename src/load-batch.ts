import { groupName, groupObjects, type Candidate, type Group } from './core/batch.ts';
import { ledgerFile, type Recorded, type SetAside } from './core/ledger.ts';
import { manifestFile } from './core/manifest.ts';
import { readReport, type BatchOutcome } from './core/outcome.ts';
import { judge } from './core/quarantine.ts';
import { buildTransaction } from './core/transaction.ts';
import type { TransactionResult } from './deps.ts';
import { LoaderError } from './errors.ts';
import { findBadContent, findUnreadable, fromError, groupOf, type Found, type Search } from './isolate.ts';
import type { LoadDeps } from './load.ts';

/** Tries of one batch after passing failures: enough for conflicts to pass, few enough to leave time for the others. */
const MAX_RETRIES = 4;
/** Rounds of setting bad files aside. One finds all bad content, one all unreadable objects; more is a moving target. */
const MAX_ROUNDS = 6;
/** The longest pause before the n-th try is this times 2^n; the pause itself is drawn at random below it. */
const PAUSE_MS = 200;

type Failure = Exclude<TransactionResult, { kind: 'committed' }>;

/** One batch on its way: what is still to be loaded, what was set aside, and how often it was tried. */
type Progress = {
  batchId: string;
  objects: readonly Candidate[];
  aside: Map<string, SetAside>;
  /** Numbers the transactions known to be rolled back, so that each new one has a token of its own. */
  token: number;
  retries: number;
  rounds: number;
};

/**
 * Loads one batch in one transaction. Passing failures are tried again while time remains; bad files are found and set
 * aside, and the rest commits together with the record of them. Only where something fails behind COPY is the batch split,
 * and so more than one outcome comes back.
 */
export async function loadBatch(
  batchId: string,
  objects: readonly Candidate[],
  deps: LoadDeps,
  deadlineMs: number,
): Promise<BatchOutcome[]> {
  const progress: Progress = { batchId, objects, aside: new Map(), token: 1, retries: 0, rounds: 0 };
  for (;;) {
    if (deps.clock.now() >= deadlineMs) return [returned(progress, outOfTime())];
    const recorded = objects.map((object): Recorded => ({
      object,
      fate: progress.aside.get(object.objectId) ?? { status: 'loaded' },
    }));
    const result = await tryTransaction(progress, recorded, deps, deadlineMs);
    if (result.kind === 'committed') return [{ kind: 'committed', batchId, report: readReport(result.rows), recorded }];
    const next = await react(result, progress, deps, deadlineMs);
    if (next === 'split') return loadHalves(progress, deps, deadlineMs);
    if (next !== 'again') return [returned(progress, next, result)];
    // Only a transaction known to be rolled back may run again under a new token; of an unknown one the old token tells.
    if (result.kind === 'failed') progress.token += 1;
  }
}

/** Decides what a failure leads to: another try, a split, or the error the batch is returned with. */
async function react(
  result: Failure,
  progress: Progress,
  deps: LoadDeps,
  deadlineMs: number,
): Promise<'again' | 'split' | LoaderError> {
  const statement = result.kind === 'failed' ? result.statement : undefined;
  const { batchId } = progress;
  switch (judge(result.error, statement)) {
    case 'retry':
      return retry(result.error, progress, deps, deadlineMs);
    case 'content':
    case 'unreadable': {
      const found = await find(result, progress, deps, deadlineMs);
      if (found === 'split') return progress.objects.length > 1 ? 'split' : result.error;
      if (found instanceof LoaderError) return found.retryable ? retry(found, progress, deps, deadlineMs) : found;
      for (const [id, aside] of found) progress.aside.set(id, aside);
      deps.log.warn('objects set aside', { batchId, objects: found.size, error: result.error.message });
      return 'again';
    }
    case 'split':
      return progress.objects.length > 1 ? 'split' : result.error;
    case 'stop':
      return result.error;
  }
}

async function retry(
  error: LoaderError,
  progress: Progress,
  deps: LoadDeps,
  deadlineMs: number,
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

/** Finds the files behind a failed COPY. An error instead: what to return the batch with when no single file is to blame. */
async function find(
  result: Failure,
  progress: Progress,
  deps: LoadDeps,
  deadlineMs: number,
): Promise<Found | 'split' | LoaderError> {
  progress.rounds += 1;
  const left = progress.objects.filter((object) => !progress.aside.has(object.objectId));
  const group = groupOf(left, result.kind === 'failed' ? result.statement?.group : undefined);
  if (!group || progress.rounds > MAX_ROUNDS) return 'split';
  const search = { deps, attemptId: `${progress.batchId}-${progress.token}-v`, deadlineMs };
  try {
    return result.error.code === 'content'
      ? await findContent(group, result.error, search)
      : await findAccess(group, result.error, search);
  } catch (error) {
    if (error instanceof LoaderError) return error;
    throw error;
  }
}

async function findContent(group: Group, error: LoaderError, search: Search): Promise<Found | 'split'> {
  const found = await findBadContent(group, search);
  if (found.size > 0) return found;
  const [only, ...others] = group.objects;
  return only && others.length === 0 ? new Map([[only.objectId, fromError(error)]]) : 'split';
}

/** Missing and forbidden objects. When none of several objects may be read, it is the role and not the objects. */
async function findAccess(group: Group, error: LoaderError, search: Search): Promise<Found | LoaderError> {
  const heads = await findUnreadable(group, search);
  const forbidden = [...heads.values()].filter(({ status }) => status === 'quarantined').length;
  if (forbidden > 1 && forbidden === group.objects.length) return misconfigured(error);
  if (heads.size > 0) return heads;
  // HEAD, made with our own role, sees nothing wrong; the warehouse's role may see other things.
  const found = await findBadContent(group, search);
  if (found.size === 0) return new LoaderError('connection', error.message, error.hint);
  return found.size < group.objects.length ? found : misconfigured(error);
}

async function loadHalves(progress: Progress, deps: LoadDeps, deadlineMs: number): Promise<BatchOutcome[]> {
  const middle = Math.ceil(progress.objects.length / 2);
  const left = await loadBatch(`${progress.batchId}l`, progress.objects.slice(0, middle), deps, deadlineMs);
  const right = await loadBatch(`${progress.batchId}r`, progress.objects.slice(middle), deps, deadlineMs);
  return [...left, ...right];
}

/** One try: manifests and ledger rows to S3, then the transaction. Its files are its own, so a slow twin keeps its own. */
async function tryTransaction(
  progress: Progress,
  recorded: Recorded[],
  deps: LoadDeps,
  deadlineMs: number,
): Promise<TransactionResult> {
  const { batchId } = progress;
  const attemptId = `${batchId}-${progress.token}`;
  const { bucket, prefix } = deps.config.control;
  const groups = groupObjects(recorded.filter(({ fate }) => fate.status === 'loaded').map(({ object }) => object));
  const write = async (name: string, body: string): Promise<string> => {
    const key = `${prefix}${attemptId}/${name}`;
    await deps.objects.put(bucket, key, body);
    return `s3://${bucket}/${key}`;
  };
  try {
    const [objects, ...manifests] = await Promise.all([
      write('objects.json', ledgerFile(recorded)),
      ...groups.map((group) => write(`${groupName(group)}.manifest`, manifestFile(group.objects))),
    ]);
    const names = groups.map((group, index) => [groupName(group), manifests[index] ?? '']);
    const files = { objects, manifests: Object.fromEntries(names) as Record<string, string> };
    const { statements, parameters } = buildTransaction(batchId, groups, files, deps.config.names, deps.templates.load);
    return await deps.warehouse.transaction(`sparkify load ${batchId}`, statements, parameters, attemptId, deadlineMs);
  } catch (error) {
    if (error instanceof LoaderError) return { kind: 'unknown', error };
    throw error;
  }
}

function returned({ batchId, objects }: Progress, error: LoaderError, result?: Failure): BatchOutcome {
  return {
    kind: 'returned',
    batchId,
    objectIds: objects.map((object) => object.objectId),
    error,
    statement: result?.kind === 'failed' ? result.statement : undefined,
  };
}

function outOfTime(): LoaderError {
  return new LoaderError('deadline', 'the invocation has no time left for this batch', 'It is tried again by itself');
}

function misconfigured(error: LoaderError): LoaderError {
  return new LoaderError('misconfigured', `the warehouse may read none of the objects: ${error.message}`, error.hint);
}
