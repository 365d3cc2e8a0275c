import { LoaderError } from '../errors.ts';
import type { Clock, Log, Queue } from '../ports.ts';

/** What giving way takes; `queueUrl` is the queue of live messages. */
export type GiveWayDeps = { queue: Pick<Queue, 'depth'>; queueUrl: string; clock: Clock; log: Log };

/** The share of the time left that a batch waits at most, so that a live stream without end cannot keep replays from loading. */
const MOST_SHARE = 0.1;
const ASK_EVERY_MS = 1000;
/**
 * So many live messages are what one of Lambda's pollers takes with its next call: they wait for nobody. SQS's number is approximate,
 * and of a stream that is kept up with it is rarely 0.
 */
const ON_THEIR_WAY = 10;

/**
 * Waits before a batch of replays while live messages wait to be received: then every function that loads them is busy, and this batch
 * would take its share of the warehouse and of the lock from them. What gathers in the batching window was received already and is not
 * counted. A question that fails holds nothing back. `deadlineMs` is when the load must end.
 */
export async function giveWay({ queue, queueUrl, clock, log }: GiveWayDeps, deadlineMs: number): Promise<void> {
  const startMs = clock.now();
  const untilMs = startMs + MOST_SHARE * (deadlineMs - startMs);
  try {
    while (clock.now() < untilMs && (await queue.depth(queueUrl)).waiting > ON_THEIR_WAY) {
      await clock.sleep(Math.max(0, Math.min(ASK_EVERY_MS, untilMs - clock.now())));
    }
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    log.warn('whether live messages wait is not known', { code: error.code, error: error.message, hint: error.hint });
  }
  const seconds = (clock.now() - startMs) / 1000;
  if (seconds >= 1) log.info('replays gave way to live messages', { seconds });
}
