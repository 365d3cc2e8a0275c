import type { Config } from './config.ts';
import { cutBatches, readDelivery, settle, type Candidate, type Message, type Skipped } from './core/batch.ts';
import type { BatchOutcome } from './core/outcome.ts';
import type { Templates } from './core/transaction.ts';
import type { Clock, Log, Meter, MetricName, ObjectStore, Warehouse } from './deps.ts';
import { LoaderError, messageOf } from './errors.ts';
import { askLedger } from './ledger-pages.ts';
import { loadBatch } from './load-batch.ts';

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

/**
 * Loads a delivery: reads it, asks the ledger, cuts batches, and loads them one after the other.
 * Gives the ids of the messages that must go back, and only those. Nothing is acknowledged that was not confirmed.
 */
export async function loadDelivery(
  messages: readonly Message[],
  deps: LoadDeps,
  invocation: Invocation,
): Promise<string[]> {
  const deadlineMs = invocation.deadlineMs - deps.config.reserveSeconds * 1000;
  const delivery = readDelivery(messages, deps.config.territory);
  for (const { messageId, reason } of delivery.refused) deps.log.error('message refused', { messageId, reason });
  deps.meter.count('MessagesRefused', delivery.refused.length);

  const returned = new Set<string>();
  const plan = await planLoad(delivery.candidates, deps, deadlineMs);
  for (const object of plan.returned) returned.add(object.objectId);
  reportSkipped([...delivery.skipped, ...plan.skipped], deps);

  for (const [index, objects] of cutBatches(plan.load, deps.config.limits).entries()) {
    for (const outcome of await loadBatch(batchIdOf(invocation, index, deps.clock), objects, deps, deadlineMs)) {
      reportOutcome(outcome, deps);
      if (outcome.kind === 'returned') for (const id of outcome.objectIds) returned.add(id);
    }
  }

  deps.meter.count('ObjectsReturned', returned.size);
  const waits = (ids: Set<string>): boolean => [...ids].some((id) => returned.has(id));
  const back = [...delivery.waiting].filter(([, ids]) => waits(ids)).map(([messageId]) => messageId);
  return [...delivery.refused.map(({ messageId }) => messageId), ...back];
}

type Plan = { load: Candidate[]; skipped: Skipped[]; returned: Candidate[] };

/** Asks the ledger what is known of the candidates. When it cannot answer, all of them go back. */
async function planLoad(candidates: Candidate[], deps: LoadDeps, deadlineMs: number): Promise<Plan> {
  try {
    const { warehouse, config, templates } = deps;
    const ledger = await askLedger(
      candidates.map((candidate) => candidate.objectId),
      { warehouse, reports: templates.report, schema: config.names.schema, deadlineMs: () => deadlineMs },
    );
    return { ...settle(candidates, ledger), returned: [] };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    deps.log.error('the ledger did not answer', { code: error.code, error: error.message, hint: error.hint });
    return { load: [], skipped: [], returned: candidates };
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
  stillQuarantined: 'ObjectsStillQuarantined',
  stillVanished: 'ObjectsStillVanished',
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
    if (fate.status === 'loaded' && !object.replayed)
      deps.meter.seconds('FreshnessSeconds', (now - object.eventTimeMs) / 1000);
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
