import { DEFAULT_RETRY_MOST_SECONDS } from '../../../src/config.ts';
import { comesAgainAfter } from '../../../src/queue/come-again.ts';
import { PACE } from '../../../src/waiting/resume.ts';
import { metricKey, Timeline, type MetricKey } from './timeline.ts';

/** What of the deployment decides when a message comes again. */
export type Deployment = { visibilityMinutes: number; rpus: number };

const own = (name: string): MetricKey => metricKey('Sparkify', name, 'sparkify-dev');
const ofLoader = (name: string): MetricKey => metricKey('AWS/Lambda', name, '<LoaderLambdaFunction>');
const ofReconcile = (name: string): MetricKey => metricKey('AWS/Lambda', name, '<ReconcileLambdaFunction>');
const AGE = metricKey('AWS/SQS', 'ApproximateAgeOfOldestMessage', '<LoadQueue.QueueName>');
const AGE_OF_REPLAYS = metricKey('AWS/SQS', 'ApproximateAgeOfOldestMessage', '<ReplayQueue.QueueName>');
const DEAD = metricKey('AWS/SQS', 'ApproximateNumberOfMessagesVisible', '<DeadLetterQueue.QueueName>');
const WAITING = own('WarehouseWaitingSeconds');
const COMPUTED = metricKey('AWS/Redshift-Serverless', 'ComputeSeconds', '<Workgroup>');

/** Counts a commit always writes, zeros among them, as src/load/load-delivery.ts does. */
const ZEROS = ['ObjectsQuarantined', 'ObjectsVanished', 'RowsRejected', 'MessagesRefused', 'ObjectsReturned'];

/**
 * SQS wakes a queue's metrics up to 15 minutes after its first message, when it was idle.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
const METRICS_OF_IDLE_QUEUE_MINUTES = 15;

/** What a try that loads nothing writes. */
export type Failure = 'batch' | 'delivery' | 'crash' | 'refused' | 'throttle';

/** What the loader returns a message for; a function that dies or is throttled returns nothing. */
const CODES = { batch: 'connection', delivery: 'throttled' } as const;
const MINUTE_MS = 60_000;

/** A deployed stage as far as alarms see it: what happens there becomes values of metrics. Times are minutes. */
export class World {
  readonly timeline: Timeline;
  readonly #deployment: Deployment;
  /** When the warehouse is waited for: from a minute up to another. */
  readonly #waits: [from: number, to: number][] = [];
  #resumeStops = Infinity;

  constructor(first: number, last: number, deployment: Deployment) {
    this.timeline = new Timeline(first, last);
    this.#deployment = deployment;
  }

  /** A batch that commits, with what it counted beyond the loaded objects. */
  load(minute: number, more: Readonly<Record<string, number>> = {}, freshnessSeconds = 25, objects = 1): void {
    const counts = { ...Object.fromEntries(ZEROS.map((name) => [name, 0])), ObjectsLoaded: objects, ...more };
    for (const [name, value] of Object.entries(counts)) this.timeline.add(own(name), minute, value);
    for (let n = 0; n < Math.min(objects, 20); n += 1)
      this.timeline.add(own('FreshnessSeconds'), minute, freshnessSeconds);
    this.timeline.add(AGE, minute, freshnessSeconds);
    this.compute(minute, 5 * this.#deployment.rpus);
    this.#invocation(minute);
  }

  /** RPU-seconds. */
  compute(minute: number, seconds: number): void {
    this.timeline.add(COMPUTED, minute, seconds);
  }

  /** A message that fails each time it comes, until it loads at its n-th try, if ever. One that cannot be read fails once. */
  failing(sent: number, failure: Failure, loadsAtTry = Infinity): void {
    const tries = this.#tries(sent, failure);
    const failed = tries.slice(0, failure === 'refused' ? 1 : loadsAtTry - 1);
    for (const minute of failed) this.#fail(Math.floor(minute), failure);
    if (failure === 'refused') {
      this.deadLetter(sent);
      return;
    }
    const end = tries[failed.length] ?? this.timeline.last;
    // A message received three times is no longer the oldest that the metric looks at, though it is still there.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    const seen = Math.min(end, tries[2] ?? end);
    for (let minute = sent; minute < seen; minute += 1) this.timeline.add(AGE, minute, (minute - sent) * 60);
    if (failed.length < tries.length) this.load(Math.floor(end), {}, (end - sent) * 60);
  }

  /** When a message is received that always fails, in minutes. */
  #tries(sent: number, failure: Failure): number[] {
    const tries: number[] = [];
    for (let minute = sent; minute < this.timeline.last;) {
      tries.push(minute);
      if (failure === 'batch' || failure === 'delivery') {
        const returned = { code: CODES[failure], receiveCount: tries.length, ageMs: (minute - sent) * 60_000 };
        // Minute 0 is any time of the day that is no common time.
        const nowMs = Date.UTC(2026, 0, 1, 0, 7) + minute * 60_000;
        minute += comesAgainAfter(returned, nowMs, 0, DEFAULT_RETRY_MOST_SECONDS) / 60;
      } else minute += this.#deployment.visibilityMinutes;
    }
    return tries;
  }

  /**
   * The warehouse cannot be asked from a minute on, and answers from another on; a file lands every so many minutes. Loads fail until
   * they are switched off, and everything loads at once when a probe has found that they work.
   */
  waits(from: number, answers: number, everyMinutes: number): void {
    for (let minute = from; minute < from + PACE.offAfterMs / MINUTE_MS; minute += 1) this.#fail(minute, 'delivery');
    const back = answers + PACE.askMs / MINUTE_MS;
    for (let minute = from; minute < back; minute += 1) this.timeline.add(AGE, minute, (minute - from) * 60);
    this.#waits.push([from, back + PACE.watchMs / MINUTE_MS]);
    if (back > this.timeline.last) return;
    const objects = Math.ceil((back - from) / everyMinutes);
    this.load(back, {}, (back - from) * 60, objects);
  }

  /** Replays wait from a minute on, the oldest of them until another. */
  replays(from: number, to: number): void {
    for (let minute = from; minute < Math.min(to, this.timeline.last); minute += 1)
      this.timeline.add(AGE_OF_REPLAYS, minute, (minute - from) * 60);
  }

  /** The resume function does not run any more. */
  stopResume(from: number): void {
    this.#resumeStops = from;
  }

  /** Writes what the resume function says each minute, once all is known. */
  resume(): void {
    const { first, last } = this.timeline;
    for (let minute = first; minute <= Math.min(last, this.#resumeStops - 1); minute += 1) {
      const waits = this.#waits.find(([from, to]) => minute >= from && minute < to);
      this.timeline.add(WAITING, minute, waits === undefined ? 0 : (minute - waits[0]) * 60);
    }
  }

  /** A message in the dead-letter queue, from a minute on. */
  deadLetter(from: number): void {
    for (let minute = from + METRICS_OF_IDLE_QUEUE_MINUTES; minute <= this.timeline.last; minute += 1) {
      this.timeline.add(DEAD, minute, 1);
    }
  }

  /** A run of the scheduled reconcile, with what it found, or one that failed. */
  reconcile(minute: number, found: { missing?: number; changed?: number } | 'fails'): void {
    this.timeline.add(ofReconcile('Invocations'), minute, 1);
    this.timeline.add(ofReconcile('Errors'), minute, found === 'fails' ? 1 : 0);
    if (found === 'fails') return;
    this.timeline.add(own('ReconcileMissing'), minute, found.missing ?? 0);
    this.timeline.add(own('ReconcileChanged'), minute, found.changed ?? 0);
  }

  #fail(minute: number, failure: Failure): void {
    if (failure === 'throttle') {
      this.timeline.add(ofLoader('Throttles'), minute, 1);
      return;
    }
    this.#invocation(minute, failure === 'crash' ? 1 : 0);
    const counted = {
      batch: 'BatchesFailed',
      delivery: 'DeliveriesFailed',
      refused: 'MessagesRefused',
      crash: undefined,
    };
    const name = counted[failure];
    if (name !== undefined) this.timeline.add(own(name), minute, 1);
  }

  #invocation(minute: number, errors = 0): void {
    this.timeline.add(ofLoader('Invocations'), minute, 1);
    this.timeline.add(ofLoader('Errors'), minute, errors);
    this.timeline.add(ofLoader('Throttles'), minute, 0);
  }
}
