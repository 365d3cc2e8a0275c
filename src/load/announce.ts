import { LoaderError } from '../errors.ts';
import { readBatchesOf } from '../ledger/reports.ts';
import { isDeliveryBatch } from './batch-id.ts';
import { commitEvent, type CommittedBatch } from './commit-event.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';
import { readCounts, type BatchOutcome } from './outcome.ts';
import type { PerhapsUntold } from './untold.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const EVENTS_PER_CALL = 10;
/** Half of the time reserved for the end of an invocation, so that a bus that does not answer holds nothing up for longer. */
const TIMEOUT_MS = 5000;

const OUT_OF_TIME = new LoaderError('deadline', 'the invocation ran out of time', 'It is retried automatically');

/**
 * A batch to be announced, and the objects whose messages go back when it is not: one, because the ledger finds a batch by any of
 * its objects. Were all to wait for a bus that refuses, they would fill the queue's 120,000 messages in flight, and loads would end.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
type Announced = CommittedBatch & { objectIds: readonly string[] };

/**
 * Announces the batches of one delivery on the event bus, if there is one. The queue is the outbox: a message whose batch was not
 * announced goes back, and when it comes again the batch is found in the ledger. So each batch is announced at least once, and
 * none before its commit was confirmed.
 */
export class Announcer {
  readonly #deps: LoadDeps;
  readonly #deadlineMs: number;
  readonly #tried = new Set<string>();
  readonly #untold = new Map<string, LoaderError>();

  constructor(deps: LoadDeps, deadlineMs: number) {
    this.#deps = deps;
    this.#deadlineMs = deadlineMs;
  }

  /** The objects whose batch was not announced, by id, each with the reason. */
  get untold(): ReadonlyMap<string, LoaderError> {
    return this.#untold;
  }

  /** Announces what was just committed. `notLoadedMs`: when each object that is still to be loaded was written. */
  async announce(outcomes: readonly BatchOutcome[], notLoadedMs: readonly number[]): Promise<void> {
    const committed = outcomes.flatMap((outcome): Announced[] => {
      if (outcome.kind !== 'committed') return [];
      const { batchId, report, recorded } = outcome;
      const sources = recorded.flatMap(({ object, result }) =>
        result.status === 'loaded' ? [object.source.name] : [],
      );
      return [{ batchId, report, sources, objectIds: recorded.slice(-1).map(({ object }) => object.objectId) }];
    });
    await this.#put(committed, notLoadedMs, false);
  }

  /** Announces what earlier receives of the messages committed and perhaps did not announce, as the ledger has it. */
  async announceAgain({ objectIds, sinceMs }: PerhapsUntold, notLoadedMs: readonly number[]): Promise<void> {
    if (this.#deps.bus === undefined || objectIds.length === 0) return;
    try {
      const found = await readBatchesOf(objectIds, sinceMs, ledgerOf(this.#deps, this.#deadlineMs));
      const missing = found
        // Commands announce nothing, and what this delivery committed was dealt with.
        .filter(({ batchId }) => isDeliveryBatch(batchId) && !this.#tried.has(batchId))
        .map(({ batchId, row, sources, objectId }) => ({
          batchId,
          report: readCounts(row),
          sources,
          objectIds: [objectId],
        }));
      await this.#put(missing, notLoadedMs, true);
    } catch (error) {
      if (!(error instanceof LoaderError)) throw error;
      this.#failed(objectIds, error, 'the ledger could not be asked which batches to announce');
    }
  }

  async #put(batches: readonly Announced[], notLoadedMs: readonly number[], resent: boolean): Promise<void> {
    const { bus, config, templates, clock } = this.#deps;
    if (bus === undefined) return;
    const about = {
      service: config.events?.service ?? '',
      schema: config.names.schema,
      sources: config.landing.sources,
      load: templates.load,
      notLoadedMs,
      resent,
    };
    for (let from = 0; from < batches.length; from += EVENTS_PER_CALL) {
      const call = batches.slice(from, from + EVENTS_PER_CALL);
      const events = call.map((batch) => commitEvent(batch, about));
      // Of many, those that are left at the deadline are sent when their messages come again.
      const isLate = from > 0 && clock.now() >= this.#deadlineMs;
      const errors = isLate ? events.map(() => OUT_OF_TIME) : await bus.put(events, TIMEOUT_MS);
      for (const [index, { batchId, objectIds }] of call.entries()) {
        this.#tried.add(batchId);
        const error = errors[index];
        if (error === undefined) this.#deps.log.info('batch announced', { batchId, resent });
        else this.#failed(objectIds, error, `batch ${batchId} is committed and could not be announced`);
      }
    }
  }

  /** Whatever it was, the messages are waited for: in the dead-letter queue nobody would announce their batches any more. */
  #failed(objectIds: readonly string[], error: LoaderError, what: string): void {
    const isKept = error.code === 'misconfigured' || error.code === 'unavailable';
    const hint =
      'The files are loaded; their messages come again until the event is taken: docs/EVENTS.md, "When events are refused"';
    const untold = new LoaderError(isKept ? error.code : 'connection', `${what}: ${error.message}`, hint, error);
    this.#deps.meter.count('EventsNotSent', 1);
    this.#deps.log.error('event not sent', { code: untold.code, error: untold.message, hint });
    for (const id of objectIds) this.#untold.set(id, untold);
  }
}
