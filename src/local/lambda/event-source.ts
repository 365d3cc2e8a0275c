import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../as-error.ts';
import { readBatchResponse, type DeliveryResult } from './batch-response.ts';
import { DeliveryCollector, type ReceivedRecord } from './delivery.ts';
import type { Waiting } from '../sqs/queues.ts';
import { QueueReader } from './queue-reader.ts';

/** Lambda's settings of an SQS event source, by its own names and limits. */
export type EventSourceSettings = {
  /** 1–10,000; above 10 only with a batching window. */
  batchSize: number;
  /** 0–300. With 0 a message is delivered as soon as it is received. */
  maximumBatchingWindowSeconds: number;
  /** 2–1,000. */
  maximumConcurrency: number;
  /** How long the function may run; the queue must hide messages at least as long. */
  functionTimeoutSeconds: number;
};

/** Notified when deliveries begin and end, and of queue errors, which are retried. */
export type EventSourceObserver = {
  deliveryStarted?: (event: SQSEvent) => void;
  deliveryEnded?: (event: SQSEvent, result: DeliveryResult, milliseconds: number) => void;
  queueTrouble?: (error: Error) => void;
};

export type EventSourceOptions = EventSourceSettings & {
  sqs: SQSClient;
  queueUrl: string;
  queueArn: string;
  region: string;
  /** Runs the function; gives what it returned, after a JSON round trip, or throws. */
  invoke: (event: SQSEvent) => Promise<unknown>;
  /** The queue's contents without an SQS call; only for `idle`. */
  waiting: () => Waiting;
  /**
   * When the messages of a function that died, or answered nonsense, become visible again. By default, as with Lambda, after the
   * visibility timeout. A function that answers sets the visibility of what it returns itself.
   */
  retryAfterCrashSeconds?: number;
  observer?: EventSourceObserver;
};

export type EventSource = {
  /**
   * Resolves once no delivery is under way and none will be within a minute: the queue is empty, hidden and delayed messages
   * included, save those that others hide for longer. Resolves as well when the event source is stopped.
   */
  idle: () => Promise<void>;
  /** Lets polls and deliveries under way end, returns undelivered messages, and ends: no message stays hidden. */
  drain: () => Promise<void>;
  /** The same without waiting for polls: what one of them was just being given stays hidden until its timeout, or the next start. */
  stop: () => Promise<void>;
};

/** Settings that Lambda would refuse. The message lists every problem. */
export class EventSourceMisconfigured extends Error {
  override readonly name = 'EventSourceMisconfigured';
  constructor(problems: readonly string[]) {
    super(problems.join(' '));
  }
}

const IDLE_CHECK_MS = 25;
/** A received message is hidden before it arrives; after this many polls it went to another consumer. */
const IDLE_CHECKS_FOR_OTHERS = 100;

/**
 * Delivers a queue's messages to a function by the rules of Lambda's event source mappings: batches by count, window and
 * 6 MB; partial batch responses; messages deleted only when the function succeeded.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 * Throws `EventSourceMisconfigured`.
 */
export async function startEventSource(options: EventSourceOptions): Promise<EventSource> {
  const { observer = {} } = options;
  const trouble = (error: unknown): void => observer.queueTrouble?.(toError(error));
  const reader = new QueueReader(options.sqs, options.queueUrl);
  checkSettings(options, await reader.visibilityTimeoutSeconds());
  const stopping = new AbortController();
  // The collectors of all workers together may wait on one abort signal each, more than Node expects of a signal.
  setMaxListeners(0, stopping.signal);
  let busy = 0;
  let isDraining = false as boolean;
  const isEnding = (): boolean => isDraining || stopping.signal.aborted;

  const deliver = async (delivery: ReceivedRecord[]): Promise<void> => {
    const event = { Records: delivery.map(({ record }) => record) };
    const startedAt = performance.now();
    observer.deliveryStarted?.(event);
    const result = await runFunction(event, options.invoke);
    const failed = new Set(
      result.kind === 'answered' ? result.failed : event.Records.map(({ messageId }) => messageId),
    );
    // A message that cannot be deleted reappears after its visibility timeout; the function must handle that anyway.
    const done = delivery.filter(({ record }) => !failed.has(record.messageId)).map(({ message }) => message);
    await reader.delete(done).catch(trouble);
    if (options.retryAfterCrashSeconds !== undefined && result.kind !== 'answered') {
      const back = delivery.map(({ message }) => message);
      await reader.changeVisibility(back, options.retryAfterCrashSeconds).catch(trouble);
    }
    observer.deliveryEnded?.(event, result, performance.now() - startedAt);
  };

  const collectors: DeliveryCollector[] = [];
  const work = async (): Promise<void> => {
    const collector = new DeliveryCollector(reader, options, trouble);
    collectors.push(collector);
    while (!isEnding()) {
      const delivery = await collector.next(stopping.signal);
      if (delivery.length === 0) continue;
      busy++;
      await deliver(delivery);
      busy--;
    }
    await collector.changeVisibility();
  };
  const isBusy = (): boolean => busy > 0 || collectors.some((collector) => collector.isHolding);
  const workers = Array.from({ length: options.maximumConcurrency }, work);
  return {
    idle: async () => {
      for (let quiet = 0; !isEnding() && quiet < IDLE_CHECKS_FOR_OTHERS;) {
        const { soon, later } = options.waiting();
        if (!isBusy() && soon + later === 0) return;
        quiet = isBusy() || soon > 0 ? 0 : quiet + 1;
        await sleep(IDLE_CHECK_MS);
      }
    },
    drain: async () => {
      isDraining = true;
      await Promise.all(workers);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(workers);
    },
  };
}

async function runFunction(event: SQSEvent, invoke: EventSourceOptions['invoke']): Promise<DeliveryResult> {
  try {
    return readBatchResponse(await invoke(event), new Set(event.Records.map(({ messageId }) => messageId)));
  } catch (error) {
    return { kind: 'function error', error: toError(error) };
  }
}

function checkSettings(settings: EventSourceSettings, visibilityTimeoutSeconds: number): void {
  const { batchSize, maximumBatchingWindowSeconds: window, maximumConcurrency, functionTimeoutSeconds } = settings;
  const within = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  const rules: [boolean, string][] = [
    [within(batchSize, 1, 10_000), `The batch size must be 1 to 10,000, not ${batchSize}.`],
    [within(window, 0, 300), `The batching window must be 0 to 300 seconds, not ${window}.`],
    [batchSize <= 10 || window >= 1, 'A batch size above 10 needs a batching window of at least 1 second.'],
    [within(maximumConcurrency, 2, 1000), `The maximum concurrency must be 2 to 1,000, not ${maximumConcurrency}.`],
    [
      visibilityTimeoutSeconds >= functionTimeoutSeconds,
      `The queue hides messages for ${visibilityTimeoutSeconds} s, less than the function's ${functionTimeoutSeconds} s.`,
    ],
  ];
  const problems = rules.filter(([kept]) => !kept).map(([, problem]) => problem);
  if (problems.length > 0) throw new EventSourceMisconfigured(problems);
}
