import type { Config } from './config.ts';
import {
  cutBatches,
  groupName,
  groupObjects,
  readDelivery,
  settle,
  type Candidate,
  type Message,
  type Skipped,
} from './core/batch.ts';
import { IDS_PER_QUESTION, ledgerFile, readLedgerRows, type LedgerEntry, type Recorded } from './core/ledger.ts';
import { manifestFile } from './core/manifest.ts';
import { readReport, type BatchOutcome } from './core/outcome.ts';
import { render } from './core/sql-template.ts';
import { buildTransaction, type Templates } from './core/transaction.ts';
import type { Clock, Log, Meter, MetricName, ObjectStore, TransactionResult, Warehouse } from './deps.ts';
import { LoaderError, messageOf } from './errors.ts';

/** What a load needs from outside. */
export type LoadDeps = {
  config: Config;
  templates: { load: Templates; report: Templates };
  warehouse: Warehouse;
  objects: ObjectStore;
  log: Log;
  meter: Meter;
  clock: Clock;
};

/** The invocation a delivery came with. */
export type Invocation = { requestId: string; deadlineMs: number };

/** Transactions of one batch in one invocation: enough for conflicts to pass, few enough to leave time for the others. */
const MAX_ATTEMPTS = 5;
/** The longest pause before the n-th attempt is this times 2^n; the pause itself is drawn at random below it. */
const PAUSE_MS = 200;

/**
 * Loads a delivery: reads it, asks the ledger, cuts batches, and loads them one after the other.
 * Gives the ids of the messages that must go back, and only those. Nothing is acknowledged that was not confirmed.
 */
export async function loadDelivery(
  messages: readonly Message[],
  deps: LoadDeps,
  invocation: Invocation,
): Promise<string[]> {
  const delivery = readDelivery(messages, deps.config.territory);
  for (const { messageId, reason } of delivery.refused) deps.log.error('message refused', { messageId, reason });
  deps.meter.count('MessagesRefused', delivery.refused.length);

  const returned = new Set<string>();
  const plan = await planLoad(delivery.candidates, deps, invocation);
  for (const object of plan.returned) returned.add(object.objectId);
  reportSkipped([...delivery.skipped, ...plan.skipped], deps);

  for (const [index, objects] of cutBatches(plan.load, deps.config.limits).entries()) {
    const outcome = await loadBatch(batchIdOf(invocation, index, deps.clock), objects, deps, invocation);
    reportOutcome(outcome, deps);
    if (outcome.kind === 'returned') for (const id of outcome.objectIds) returned.add(id);
  }

  deps.meter.count('ObjectsReturned', returned.size);
  const waits = (ids: Set<string>): boolean => [...ids].some((id) => returned.has(id));
  const back = [...delivery.waiting].filter(([, ids]) => waits(ids)).map(([messageId]) => messageId);
  return [...delivery.refused.map(({ messageId }) => messageId), ...back];
}

type Plan = { load: Candidate[]; skipped: Skipped[]; returned: Candidate[] };

/** Asks the ledger what is known of the candidates. When it cannot answer, all of them go back. */
async function planLoad(candidates: Candidate[], deps: LoadDeps, invocation: Invocation): Promise<Plan> {
  try {
    const ledger = new Map<string, LedgerEntry>();
    for (let from = 0; from < candidates.length; from += IDS_PER_QUESTION) {
      const ids = candidates.slice(from, from + IDS_PER_QUESTION).map((candidate) => candidate.objectId);
      for (const [id, entry] of await checkLedger(ids, deps, invocation)) ledger.set(id, entry);
    }
    return { ...settle(candidates, ledger), returned: [] };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    deps.log.error('the ledger did not answer', { code: error.code, error: error.message, hint: error.hint });
    return { load: [], skipped: [], returned: candidates };
  }
}

async function checkLedger(ids: string[], deps: LoadDeps, invocation: Invocation): Promise<Map<string, LedgerEntry>> {
  const question = render(deps.templates.report['check-ledger'] ?? '', {
    identifiers: { schema: deps.config.names.schema },
    literals: { object_ids: ids },
  });
  const deadlineMs = invocation.deadlineMs - deps.config.reserveSeconds * 1000;
  return readLedgerRows(await deps.warehouse.query('sparkify check-ledger', question.text, {}, deadlineMs));
}

/** Loads one batch: the whole transaction again while it fails for a passing reason and time remains. */
async function loadBatch(
  batchId: string,
  objects: Candidate[],
  deps: LoadDeps,
  invocation: Invocation,
): Promise<BatchOutcome> {
  const deadlineMs = invocation.deadlineMs - deps.config.reserveSeconds * 1000;
  const recorded = objects.map((object): Recorded => ({ object, fate: { status: 'loaded' } }));
  const back = (error: LoaderError, result?: TransactionResult): BatchOutcome => ({
    kind: 'returned',
    batchId,
    objectIds: objects.map((object) => object.objectId),
    error,
    statement: result?.kind === 'failed' ? result.statement : undefined,
  });
  let token = 1;
  for (let attempt = 1; ; attempt += 1) {
    if (deps.clock.now() >= deadlineMs)
      return back(new LoaderError('deadline', 'no time is left', 'It is tried again by itself'));
    const result = await tryTransaction(`${batchId}-${token}`, batchId, recorded, deps, deadlineMs);
    if (result.kind === 'committed') {
      return { kind: 'committed', batchId, report: readReport(result.rows), recorded };
    }
    if (!result.error.retryable || attempt === MAX_ATTEMPTS) return back(result.error, result);
    // Only a transaction known to be rolled back may run again under a new token; of an unknown one the old token tells.
    if (result.kind === 'failed') token += 1;
    deps.meter.count('BatchesRetried', 1);
    deps.log.warn('batch is tried again', { batchId, attempt, code: result.error.code, error: result.error.message });
    await deps.clock.sleep(deps.clock.random() * PAUSE_MS * 2 ** attempt);
  }
}

/** One attempt: manifests and ledger rows to S3, then the transaction. Its files are its own, so a slow twin keeps its own. */
async function tryTransaction(
  attemptId: string,
  batchId: string,
  recorded: Recorded[],
  deps: LoadDeps,
  deadlineMs: number,
): Promise<TransactionResult> {
  const { bucket, prefix } = deps.config.control;
  const loaded = recorded.filter(({ fate }) => fate.status === 'loaded').map(({ object }) => object);
  const groups = groupObjects(loaded);
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
    const files = {
      objects,
      manifests: Object.fromEntries(groups.map((group, i) => [groupName(group), manifests[i] ?? ''])),
    };
    const { statements, parameters } = buildTransaction(batchId, groups, files, deps.config.names, deps.templates.load);
    return await deps.warehouse.transaction(`sparkify load ${batchId}`, statements, parameters, attemptId, deadlineMs);
  } catch (error) {
    if (error instanceof LoaderError) return { kind: 'unknown', error };
    throw error;
  }
}

/** Batch ids sort by time, and name the invocation so that its log is found. */
function batchIdOf(invocation: Invocation, index: number, clock: Clock): string {
  const time = new Date(clock.now())
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'z')
    .toLowerCase();
  return `${time}-${invocation.requestId.slice(0, 8)}-${index}`;
}

const SKIPPED_METRICS: Readonly<Record<Skipped['outcome'], MetricName>> = {
  ignored: 'ObjectsIgnored',
  superseded: 'ObjectsSuperseded',
  alreadyLoaded: 'ObjectsAlreadyLoaded',
  stillQuarantined: 'ObjectsAlreadyLoaded',
  stillVanished: 'ObjectsAlreadyLoaded',
};

function reportSkipped(skipped: readonly Skipped[], deps: LoadDeps): void {
  for (const { outcome, url, reason } of skipped) {
    // Test events and the like name no object, and so are logged but not counted as one.
    if (url !== undefined) deps.meter.count(SKIPPED_METRICS[outcome], 1);
    deps.log.info('object skipped', { outcome, ...(url === undefined ? {} : { object: url }), reason });
  }
}

function reportOutcome(outcome: BatchOutcome, deps: LoadDeps): void {
  if (outcome.kind === 'returned') {
    deps.meter.count('BatchesFailed', 1);
    const { error, statement, batchId } = outcome;
    const where = statement ? { stage: statement.stage, statement: statement.name } : {};
    deps.log.error('batch returned', {
      batchId,
      ...where,
      code: error.code,
      error: messageOf(error),
      hint: error.hint,
    });
    return;
  }
  const now = deps.clock.now();
  const { report, recorded } = outcome;
  for (const { object, fate } of recorded) {
    if (fate.status === 'loaded') deps.meter.seconds('FreshnessSeconds', (now - object.eventTimeMs) / 1000);
  }
  deps.meter.count('BatchesCommitted', 1);
  deps.meter.count('ObjectsLoaded', report.objectsLoaded);
  deps.meter.count('ObjectsQuarantined', report.objectsQuarantined);
  deps.meter.count('ObjectsVanished', report.objectsVanished);
  deps.meter.count('BytesLoaded', report.bytesLoaded);
  deps.meter.count('RowsMerged', report.rowsMerged);
  deps.meter.count('RowsRejected', report.rowsRejected);
  deps.meter.count('KeysInConflict', report.keysInConflict);
  deps.meter.count('PlaysHealed', report.playsHealed);
  deps.log.info('batch committed', { batchId: outcome.batchId, ...report });
}
