/** The loader as it runs locally, with everything about it watched from outside: calls, statements, commits, memory. */
import { mkdirSync } from 'node:fs';
import { replayMessages, type ReplayMode, type ReplayObject } from '../../src/catch-up/replay-messages.ts';
import { deployedSettings } from '../../src/local/lambda/deployed-settings.ts';
import { LOCAL_NAMES, type Stack, type StackOptions } from '../../src/local/stack.ts';
import { lastModified } from '../../src/local/s3/stored-object.ts';
import { startTestStack } from '../support/stack.ts';
import { peakMemoryOfChildren } from './memory.ts';
import type { BenchObject } from './objects.ts';
import { timeLoads, type Profile } from './profile.ts';
import { Watch } from './watch.ts';

/** A bucket that notifies nobody, so that objects can lie there before the clock starts. */
const BUCKET = 'sparkify-bench';

/** What one measured load took and did. */
export type LoadResult = {
  seconds: number;
  /** Of the processors, without the function's processes: what warehouse, S3, SQS and event source worked. */
  cpuSeconds: number;
  /** Calls the loader made to S3 and to the Redshift Data API, by operation. */
  calls: Record<string, number>;
  batches: number;
  loaded: number;
  skipped: number;
  quarantined: number;
  /** Plays that songs of the load completed. */
  healed: number;
  /** The most deliveries that were under way at a time. */
  mostAtOnce: number;
  /** The largest resident memory of the loader's processes; undefined where the system does not tell. */
  loaderPeakMegabytes: number | undefined;
  /** How long the lock of the merges was held, by all batches together. */
  lockSeconds: number;
  profile: Profile;
};

/** A running stack, ready to be measured again and again. */
export type BenchLoader = {
  stack: Stack;
  /** Makes files objects of the bucket. Nobody is notified. */
  put: (objects: readonly BenchObject[]) => Promise<void>;
  /**
   * Replays objects, each part by messages of its own, and waits until all are done. The clock runs from all messages in the
   * queue to the last commit.
   */
  load: (parts: readonly (readonly BenchObject[])[], replayMode: ReplayMode) => Promise<LoadResult>;
  /** Sends replays of objects to the queue of replays, as a backfill does. */
  backfill: (objects: readonly BenchObject[]) => void;
  /** When each batch committed, by its id; epoch milliseconds. */
  commitsMs: ReadonlyMap<string, number>;
  /** The body of the message that replays one object. */
  messageOf: (object: BenchObject) => string;
  /** Resolves at the next commit the loader reports, with its time by `performance.now()`. */
  nextCommit: () => Promise<number>;
  stop: () => Promise<void>;
};

/** Starts the stack in `home` with its tables. Deliveries are not windowed, and both functions that may run are started ahead. */
export async function startBenchLoader(home: string, options: Partial<StackOptions> = {}): Promise<BenchLoader> {
  mkdirSync(home, { recursive: true });
  const watch = new Watch();
  const stack = await startTestStack({
    home,
    inMemory: false,
    warmProcesses: (await deployedSettings()).maximumConcurrency,
    environment: { SPARKIFY_LANDING_BUCKETS: `${LOCAL_NAMES.landingBucket},${BUCKET}` },
    faults: watch.called,
    observer: { deliveryStarted: watch.deliveryStarted, deliveryEnded: watch.deliveryEnded },
    onLine: watch.line,
    ...options,
  });
  stack.aws.store.createBucket(BUCKET);
  // The first delivery, the test event of the landing bucket, finds the function not loaded yet.
  await stack.idle();
  return {
    stack,
    put: (objects) => putAll(stack, objects),
    load: (parts, replayMode) => measure(stack, watch, parts, replayMode),
    backfill: (objects) => {
      for (const { body } of replayMessages(listedAll(stack, objects), 'ifNew'))
        stack.aws.queues.send(stack.replayQueueArn, body);
    },
    commitsMs: watch.commitsMs,
    messageOf: (object) => [...replayMessages([listed(stack, object)], 'ifNew')].map(({ body }) => body).join(''),
    nextCommit: () => watch.nextCommit(),
    stop: () => stack.stop(),
  };
}

async function measure(
  stack: Stack,
  watch: Watch,
  parts: readonly (readonly BenchObject[])[],
  replayMode: ReplayMode,
): Promise<LoadResult> {
  const messages = parts.flatMap((objects) => [...replayMessages(listedAll(stack, objects), replayMode)]);
  watch.reset();
  const sinceMs = Date.now();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  // All at once and not by the network: what is measured begins with the messages in the queue.
  for (const { body } of messages) stack.aws.queues.send(stack.queueArn, body);
  await stack.idle();
  const settledAt = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const calls = { ...watch.calls };
  const { profile, lockSeconds } = await timeLoads(stack, sinceMs);
  return {
    seconds: ((watch.lastCommitAt ?? settledAt) - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    calls,
    batches: watch.tally.count('BatchesCommitted'),
    loaded: watch.tally.count('ObjectsLoaded'),
    skipped: watch.tally.count('ObjectsAlreadyLoaded'),
    quarantined: watch.tally.count('ObjectsQuarantined'),
    healed: watch.tally.count('RowsHealed'),
    mostAtOnce: watch.mostAtOnce,
    loaderPeakMegabytes: peakMemoryOfChildren(process.pid),
    lockSeconds,
    profile: {
      'queue: until the first delivery': ((watch.firstDeliveryAt ?? startedAt) - startedAt) / 1000,
      ...profile,
    },
  };
}

async function putAll(stack: Stack, objects: readonly BenchObject[]): Promise<void> {
  for (const object of objects) {
    // What lies there already is left as it is, so that a replay finds it unchanged.
    if (stack.aws.store.find({ bucket: BUCKET, key: object.key })?.etag === object.etag) continue;
    const stored = { ...object, owned: false, contentType: 'application/json', metadata: {}, atMs: Date.now() };
    await stack.aws.store.put(BUCKET, stored, 'ObjectCreated:Put');
  }
}

function* listedAll(stack: Stack, objects: readonly BenchObject[]): Generator<ReplayObject> {
  for (const object of objects) yield listed(stack, object);
}

/** An object as a listing of the bucket tells it. */
function listed(stack: Stack, { key, etag, sizeBytes }: BenchObject): ReplayObject {
  const object = stack.aws.store.head({ bucket: BUCKET, key });
  return { bucket: BUCKET, key, etag, sizeBytes, lastModifiedMs: lastModified(object).getTime() };
}
