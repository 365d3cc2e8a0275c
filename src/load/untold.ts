import type { Message } from './plan.ts';

/** Objects whose batches may never have been announced, and since when such a batch can have been committed. */
export type PerhapsUntold = { objectIds: string[]; sinceMs: number };

/** How far the clocks of queue and warehouse may differ. */
const CLOCKS_MS = 60_000;

/**
 * Finds the objects whose batches may never have been announced. A message is deleted only when the batches of its objects were, so
 * they can only be those of a message that comes again, or that is loaded anew in a part of its delivery, and of those only the ones
 * that the ledger recorded since the message was first received. `recordedMs` is when the newest row of an object was recorded.
 */
export function findPerhapsUntold(
  messages: readonly Message[],
  waiting: ReadonlyMap<string, ReadonlySet<string>>,
  recordedMs: ReadonlyMap<string, number>,
  part: string,
): PerhapsUntold {
  const objectIds = new Set<string>();
  let sinceMs = Infinity;
  for (const { messageId, attributes = {} } of messages) {
    if (part === '' && Number(attributes.ApproximateReceiveCount ?? 1) <= 1) continue;
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
    const firstMs = Number(attributes.ApproximateFirstReceiveTimestamp ?? 0) - CLOCKS_MS;
    const since = Math.max(0, firstMs);
    for (const id of waiting.get(messageId) ?? []) {
      if ((recordedMs.get(id) ?? -1) < since) continue;
      objectIds.add(id);
      sinceMs = Math.min(sinceMs, since);
    }
  }
  return { objectIds: [...objectIds], sinceMs };
}
