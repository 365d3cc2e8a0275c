import { LoaderError } from '../errors.ts';
import { pluralize } from '../numbers.ts';
import type { Clock, OutgoingMessage, Queue } from '../ports.ts';

/** A queue to send to. */
export type SendDeps = { queue: Queue; queueUrl: string; clock: Clock };

/** SendMessageBatch takes ten messages and 1 MiB in total. */
export const CALL_LIMITS = { messages: 10, bytes: 900_000 };
/** Attempts per message; the pauses in between add up to about six seconds. */
const MAX_TRIES = 7;
const PAUSE_MS = 50;

/**
 * Sends messages and retries those the queue did not accept.
 * @throws LoaderError when messages are left after the last attempt; those before them were sent.
 */
export async function sendMessages(messages: readonly OutgoingMessage[], deps: SendDeps): Promise<void> {
  for (const call of cutCalls(messages)) {
    let left = call;
    for (let attempt = 1; left.length > 0; attempt += 1) {
      const failed = new Set(await trySend(left, attempt, deps));
      left = left.filter(({ id }) => failed.has(id));
      if (left.length === 0) break;
      if (attempt === MAX_TRIES) {
        const hint = 'Run the same command again; sending twice is harmless';
        throw new LoaderError(
          'connection',
          `the queue did not accept ${pluralize(left.length, 'message')} in ${MAX_TRIES} tries`,
          hint,
        );
      }
      await deps.clock.sleep(PAUSE_MS * 2 ** attempt * (0.5 + deps.clock.random() / 2));
    }
  }
}

/** One call; returns the ids that were not accepted, which are all of them after a transient failure. */
async function trySend(messages: readonly OutgoingMessage[], attempt: number, deps: SendDeps): Promise<string[]> {
  try {
    return await deps.queue.send(deps.queueUrl, messages);
  } catch (error) {
    if (!(error instanceof LoaderError) || !error.retryable || attempt === MAX_TRIES) throw error;
    return messages.map(({ id }) => id);
  }
}

/** Messages as they fit into calls. */
export function cutCalls(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const calls: OutgoingMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    const current = calls.at(-1);
    if (current && current.length < CALL_LIMITS.messages && bytes + size <= CALL_LIMITS.bytes) {
      current.push(message);
      bytes += size;
    } else {
      calls.push([message]);
      bytes = size;
    }
  }
  return calls;
}

/**
 * The bytes of a message as SQS counts them: its body, and the names, types and values of its attributes.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function sizeOf({ body, messageAttributes = {} }: Omit<OutgoingMessage, 'id'>): number {
  const attributes = Object.entries(messageAttributes).map(
    ([name, { dataType, stringValue = '', binaryValue }]) =>
      Buffer.byteLength(name + dataType + stringValue) + (binaryValue?.byteLength ?? 0),
  );
  return attributes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}
