import { countOutcomes, assertConserved } from './outcome-counts.ts';
import { decide, type Decision } from './decide.ts';
import { readDelivery, type Message, type ReadDelivery, type Skipped } from './plan.ts';
import type { BatchOutcome } from './outcome.ts';
import type { MetricName } from '../ports.ts';
import { LoaderError, messageOf } from '../errors.ts';
import { loadBatch } from './load-batch.ts';
import { fitsStatements } from './transaction.ts';
import type { Candidate, Source } from '../objects/source.ts';
import type { ReturnedMessage, Undone } from '../queue/come-again.ts';
import type { LoadDeps } from './deps.ts';
import { cutBatches, newestFirst } from './batches.ts';
import { Announcer } from './announce.ts';
import { batchIdOf } from './batch-id.ts';
import { findPerhapsUntold } from './untold.ts';

/**
 * The invocation that received a delivery. `deadlineMs` is when the load must end, in epoch milliseconds; `part` names the part of
 * the delivery that is loaded, `''` for all of it.
 */
export type Invocation = { requestId: string; part: string; deadlineMs: number };

/**
 * Loads a delivery: reads it, queries the ledger, cuts batches and loads them one after the other, the newest objects first,
 * and announces each. Returns the messages that are not done. Only confirmed loads that were announced are acknowledged.
 * @throws Error when the outcomes do not add up; then all messages go back.
 */
export async function loadDelivery(
  messages: readonly Message[],
  deps: LoadDeps,
  invocation: Invocation,
): Promise<Undone> {
  const { deadlineMs } = invocation;
  const delivery = readDelivery(messages, deps.config.landing);
  for (const { messageId, reason } of delivery.refused) deps.log.error('message refused', { messageId, reason });
  deps.meter.count('MessagesRefused', delivery.refused.length);

  const plan = await planDelivery(delivery, deps, deadlineMs);
  const skipped = [...delivery.skipped, ...plan.skipped];
  reportSkipped(skipped, deps);

  const outcomes: BatchOutcome[] = [...plan.returned];
  const announcer = new Announcer(deps, deadlineMs);
  const notLoadedMs = new Map(plan.load.map(({ objectId, eventTimeMs }) => [objectId, eventTimeMs]));
  // First, so that a delivery that runs out of time over its loads has announced what was committed before.
  const untold = (recordedMs: ReadonlyMap<string, number>) =>
    findPerhapsUntold(messages, delivery.waiting, recordedMs, invocation.part);
  await announcer.announceAgain(untold(plan.recordedMs), [...notLoadedMs.values()]);
  const learntMs = new Map<string, number>();
  const fits = (sources: readonly Source[], copies: number): boolean =>
    fitsStatements(sources, copies, deps.templates.load);
  const parts = newestFirst(plan.load, deps.clock.now());
  for (const [index, objects] of parts.flatMap((part) => cutBatches(part, deps.config.limits, fits)).entries()) {
    await deps.giveWay?.(deadlineMs);
    const batchId = batchIdOf(invocation, index, deps.clock.now());
    const ended = await loadBatch(batchId, objects, deps, deadlineMs, { ...plan, recordedMs: learntMs });
    const back = new Set(ended.flatMap((one) => (one.kind === 'returned' ? one.objectIds : [])));
    for (const { objectId } of objects) if (!back.has(objectId)) notLoadedMs.delete(objectId);
    for (const outcome of ended) {
      reportOutcome(outcome, deps);
      if (outcome.kind === 'returned' && outcome.error.code === 'unavailable')
        deps.pause.failed(outcome.error, deps.clock.now());
      outcomes.push(outcome);
    }
    await announcer.announce(ended, [...notLoadedMs.values()]);
  }

  // What other loads were seen to record meanwhile may be of an earlier receive, too.
  await announcer.announceAgain(untold(learntMs), [...notLoadedMs.values()]);

  const account = countOutcomes(skipped, outcomes);
  assertConserved(delivery.seen, account);
  deps.meter.count('ObjectsSeen', delivery.seen);
  deps.meter.count('ObjectsReturned', account.returned);
  deps.log.info('delivery ended', { seen: delivery.seen, ...account, refused: delivery.refused.length });

  return { refused: delivery.refused, returned: findReturned(delivery, outcomes, announcer.untold) };
}

/**
 * The messages that wait for an object that was not loaded, or whose batch was not announced, each with the error of one: the
 * latter first, because such a message must come again.
 */
function findReturned(
  { waiting }: ReadDelivery,
  outcomes: readonly BatchOutcome[],
  untold: ReadonlyMap<string, LoaderError>,
): ReturnedMessage[] {
  const errors = new Map(
    outcomes.flatMap((one) => (one.kind === 'returned' ? one.objectIds.map((id) => [id, one.error] as const) : [])),
  );
  return [...waiting].flatMap(([messageId, ids]) => {
    const [error] = [untold, errors].flatMap((map) => [...ids].flatMap((id) => map.get(id) ?? []));
    return error === undefined ? [] : [{ messageId, error }];
  });
}

/** Decides what to do with the objects of a delivery. When the ledger cannot answer, all of them go back. */
async function planDelivery(
  { candidates, tombstones }: ReadDelivery,
  deps: LoadDeps,
  deadlineMs: number,
): Promise<Decision & { returned: BatchOutcome[] }> {
  const objects = [...candidates, ...tombstones];
  const paused = deps.pause.errorAt(deps.clock.now());
  if (paused !== undefined) return goBack(objects, paused);
  try {
    const decision = await decide(objects, deps, deadlineMs);
    deps.pause.worked();
    return { ...decision, returned: [] };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    deps.pause.failed(error, deps.clock.now());
    deps.meter.count('DeliveriesFailed', 1);
    deps.log.error('the delivery could not be planned', { code: error.code, error: error.message, hint: error.hint });
    return goBack(objects, error);
  }
}

function goBack(objects: readonly Candidate[], error: LoaderError): Decision & { returned: BatchOutcome[] } {
  const objectIds = objects.map(({ objectId }) => objectId);
  const returned: BatchOutcome = { kind: 'returned', batchId: '', objectIds, error, statement: undefined };
  return {
    load: [],
    skipped: [],
    results: new Map(),
    asked: { batchNo: 0, atMs: 0 },
    recordedMs: new Map(),
    returned: [returned],
  };
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
  if (outcome.kind === 'skipped') {
    reportSkipped(outcome.skipped, deps);
    return;
  }
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
  deps.meter.count('FieldsDrifted', report.fieldsDrifted);
  deps.log.info('batch committed', { batchId: outcome.batchId, ...report });
}
