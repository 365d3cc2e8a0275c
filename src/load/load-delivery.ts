import { countOutcomes, assertConserved } from './outcome-counts.ts';
import {
  ignoredTombstone,
  readDelivery,
  skipKnownVersions,
  type Tombstone,
  type Message,
  type ReadDelivery,
  type Skipped,
} from './plan.ts';
import type { LedgerEntry, NotLoaded } from '../ledger/entries.ts';
import type { BatchOutcome } from './outcome.ts';
import type { Clock, MetricName } from '../ports.ts';
import { LoaderError, messageOf } from '../errors.ts';
import { readLedgerEntries } from '../ledger/reports.ts';
import { loadBatch } from './load-batch.ts';
import { statementsForSources } from './transaction.ts';
import type { Candidate } from '../objects/source.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';
import { mapConcurrently } from './pool.ts';
import { cutBatches } from './batches.ts';

/** The invocation that received a delivery. */
export type Invocation = { requestId: string; deadlineMs: number };

/**
 * Loads a delivery: reads it, queries the ledger, cuts batches and loads them one after the other.
 * Returns the ids of the messages that must go back to the queue. Only confirmed loads are acknowledged.
 * @throws Error when the outcomes do not add up; then all messages go back.
 */
export async function loadDelivery(
  messages: readonly Message[],
  deps: LoadDeps,
  invocation: Invocation,
): Promise<string[]> {
  const deadlineMs = invocation.deadlineMs - deps.config.reserveSeconds * 1000;
  const delivery = readDelivery(messages, deps.config.landing);
  for (const { messageId, reason } of delivery.refused) deps.log.error('message refused', { messageId, reason });
  deps.meter.count('MessagesRefused', delivery.refused.length);

  const plan = await planDelivery(delivery, deps, deadlineMs);
  const skipped = [...delivery.skipped, ...plan.skipped];
  reportSkipped(skipped, deps);

  const outcomes: BatchOutcome[] = [...plan.returned];
  const limits = { ...deps.config.limits, maxStatements: statementsForSources(deps.templates.load) };
  for (const [index, objects] of cutBatches(plan.load, limits).entries()) {
    const batchId = batchIdOf(invocation, index, deps.clock);
    for (const outcome of await loadBatch(batchId, objects, deps, deadlineMs, plan.results)) {
      reportOutcome(outcome, deps);
      outcomes.push(outcome);
    }
  }

  const account = countOutcomes(skipped, outcomes);
  assertConserved(delivery.seen, account);
  deps.meter.count('ObjectsSeen', delivery.seen);
  deps.meter.count('ObjectsReturned', account.returned);
  deps.log.info('delivery ended', { seen: delivery.seen, ...account, refused: delivery.refused.length });

  const returned = new Set(outcomes.flatMap((one) => (one.kind === 'returned' ? one.objectIds : [])));
  const back = [...delivery.waiting].filter(([, ids]) => [...ids].some((id) => returned.has(id)));
  return [...delivery.refused.map(({ messageId }) => messageId), ...back.map(([messageId]) => messageId)];
}

type Plan = {
  load: Candidate[];
  skipped: Skipped[];
  /** Objects that are only recorded, with the reason. */
  results: Map<string, NotLoaded>;
  returned: BatchOutcome[];
};

/** Asks the ledger about the objects. When it cannot answer, all of them go back. */
async function planDelivery(delivery: ReadDelivery, deps: LoadDeps, deadlineMs: number): Promise<Plan> {
  const { candidates, tombstones } = delivery;
  try {
    const ids = [...candidates, ...tombstones].map(({ objectId }) => objectId);
    const ledger = await readLedgerEntries(ids, ledgerOf(deps, deadlineMs));
    const { load, skipped } = skipKnownVersions(candidates, ledger);
    const confirmed = await findConfirmed(tombstones, ledger, deps);
    const ignored = tombstones.filter((one) => !confirmed.includes(one)).map(ignoredTombstone);
    const results = new Map(confirmed.map(({ objectId, dismissal }) => [objectId, dismissal]));
    return { load: [...load, ...confirmed], skipped: [...skipped, ...ignored], results, returned: [] };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    deps.meter.count('DeliveriesFailed', 1);
    deps.log.error('the delivery could not be planned', { code: error.code, error: error.message, hint: error.hint });
    const objectIds = [...candidates, ...tombstones].map(({ objectId }) => objectId);
    const returned: BatchOutcome = { kind: 'returned', batchId: '', objectIds, error, statement: undefined };
    return { load: [], skipped: [], results: new Map(), returned: [returned] };
  }
}

/** The tombstones that hold: the ledger has the key as quarantined or vanished, and the object is gone or empty. */
async function findConfirmed(
  tombstones: readonly Tombstone[],
  ledger: ReadonlyMap<string, LedgerEntry>,
  { objects }: LoadDeps,
): Promise<Tombstone[]> {
  const open = tombstones.filter(({ objectId }) => {
    const status = ledger.get(objectId)?.status;
    return status === 'quarantined' || status === 'vanished';
  });
  const heads = await mapConcurrently(open, ({ bucket, key }) => objects.head(bucket, key));
  return open.filter((_, index) => {
    const head = heads[index];
    return head?.kind === 'missing' || (head?.kind === 'present' && head.sizeBytes === 0);
  });
}

/** Batch ids sort by time and contain the invocation id, so that its log can be found. */
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
    // Test events and the like name no object: they are logged but not counted.
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
  for (const { object, result } of recorded) {
    if (result.status === 'loaded' && !object.replayed)
      deps.meter.seconds('FreshnessSeconds', (now - object.eventTimeMs) / 1000);
  }
  deps.meter.count('BatchesCommitted', 1);
  deps.meter.count('ObjectsIgnored', recorded.filter(({ result }) => result.status === 'dismissed').length);
  deps.meter.count('ObjectsLoaded', report.objectsLoaded);
  deps.meter.count('ObjectsQuarantined', report.objectsQuarantined);
  deps.meter.count('ObjectsVanished', report.objectsVanished);
  deps.meter.count('BytesLoaded', report.bytesLoaded);
  deps.meter.count('RowsMerged', report.rowsMerged);
  deps.meter.count('RowsRejected', report.rowsRejected);
  deps.meter.count('KeysInConflict', report.keysInConflict);
  deps.meter.count('RowsHealed', report.rowsHealed);
  deps.log.info('batch committed', { batchId: outcome.batchId, ...report });
}
