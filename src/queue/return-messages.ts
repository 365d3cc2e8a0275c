import { LoaderError } from '../errors.ts';
import { mapConcurrently } from '../pool.ts';
import type { Clock, Log, Queue, ReceivedMessage } from '../ports.ts';
import { comesAgainAfter, isOver, type Undone } from './come-again.ts';
import { withNote } from './dead-letter-note.ts';
import { cutCalls, sendMessages, sizeOf } from './send-messages.ts';

/** What returning messages takes. `mostSeconds` limits how long one is hidden. */
export type ReturnDeps = {
  queue: Queue;
  queueUrl: string;
  dlqUrl: string;
  mostSeconds: number;
  log: Log;
  clock: Clock;
};

/** The largest message of SQS, attributes included. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_MESSAGE_BYTES = 1_048_576;
const MESSAGES_PER_CALL = 10;
const PARALLEL_CALLS = 32;

/**
 * Returns what is not done: a message that needs a person goes to the dead-letter queue with the reason, and every other comes
 * again when its kind of failure may be over. Returns the ids that the event source must not delete. Nothing is given up when a
 * call fails: a message that the dead-letter queue did not take comes again, and one whose visibility could not be set, or not
 * before `deadlineMs`, comes again after the queue's own timeout.
 */
export async function returnMessages(
  { refused, returned }: Undone,
  messages: readonly ReceivedMessage[],
  deps: ReturnDeps,
  deadlineMs: number,
): Promise<string[]> {
  const byId = new Map(messages.map((one) => [one.messageId, one]));
  const over: { message: ReceivedMessage; reason: string }[] = [];
  const back: { message: ReceivedMessage; seconds: number }[] = [];
  for (const { messageId, reason } of refused) {
    const message = byId.get(messageId);
    if (message) over.push({ message, reason });
  }
  const nowMs = deps.clock.now();
  const after = (message: ReceivedMessage, code: LoaderError['code']): number =>
    comesAgainAfter(outcomeOf(message, code, nowMs), nowMs, deps.clock.random(), deps.mostSeconds);
  for (const { messageId, error } of returned) {
    const message = byId.get(messageId);
    if (message === undefined) continue;
    if (isOver(outcomeOf(message, error.code, nowMs))) over.push({ message, reason: error.message });
    else back.push({ message, seconds: after(message, error.code) });
  }
  for (const message of await deadLetter(over, deps, deadlineMs)) {
    back.push({ message, seconds: after(message, 'connection') });
  }
  await hide(back, deps, deadlineMs);
  return back.map(({ message }) => message.messageId);
}

function outcomeOf({ attributes }: ReceivedMessage, code: LoaderError['code'], nowMs: number) {
  const sentMs = Number(attributes.SentTimestamp ?? nowMs);
  return { code, receiveCount: Number(attributes.ApproximateReceiveCount ?? 1), ageMs: nowMs - sentMs };
}

/** Sends messages to the dead-letter queue until `deadlineMs`; gives those it did not take. What is sent twice is refused twice. */
async function deadLetter(
  over: readonly { message: ReceivedMessage; reason: string }[],
  { queue, dlqUrl, clock, log }: ReturnDeps,
  deadlineMs: number,
): Promise<ReceivedMessage[]> {
  const letters = over.map(({ message, reason }, index) => {
    const { body, messageAttributes } = message;
    const noted = withNote(messageAttributes, reason, clock.now());
    const fits = sizeOf({ body, messageAttributes: noted }) <= MAX_MESSAGE_BYTES;
    return { id: String(index), body, messageAttributes: fits ? noted : messageAttributes };
  });
  const left = new Set<string>();
  let cause: LoaderError | undefined;
  const send = async (call: ReturnType<typeof cutCalls>[number]): Promise<void> => {
    try {
      if (clock.now() >= deadlineMs) throw outOfTime();
      await sendMessages(call, { queue, queueUrl: dlqUrl, clock });
    } catch (error) {
      if (!(error instanceof LoaderError)) throw error;
      for (const { id } of call) left.add(id);
      cause ??= error;
    }
  };
  await mapConcurrently(cutCalls(letters), send, PARALLEL_CALLS);
  if (cause !== undefined) {
    const { code, message, hint } = cause;
    log.error('dead letters could not be sent', { messages: left.size, code, error: message, hint });
  }
  return over.filter((_, index) => left.has(String(index))).map(({ message }) => message);
}

/** Sets when messages come again, ten a call. */
async function hide(
  back: readonly { message: ReceivedMessage; seconds: number }[],
  { queue, queueUrl, clock, log }: ReturnDeps,
  deadlineMs: number,
): Promise<void> {
  const calls = Array.from({ length: Math.ceil(back.length / MESSAGES_PER_CALL) }, (_, index) =>
    back.slice(index * MESSAGES_PER_CALL, (index + 1) * MESSAGES_PER_CALL),
  );
  let notSet = 0;
  let cause: string | undefined;
  const change = async (call: typeof back): Promise<void> => {
    try {
      if (clock.now() >= deadlineMs) throw outOfTime();
      const entries = call.map(({ message, seconds }) => ({ receiptHandle: message.receiptHandle, seconds }));
      notSet += await queue.changeVisibility(queueUrl, entries);
    } catch (error) {
      if (!(error instanceof LoaderError)) throw error;
      notSet += call.length;
      cause ??= error.message;
    }
  };
  await mapConcurrently(calls, change, PARALLEL_CALLS);
  if (notSet > 0) {
    log.warn('messages come again after the timeout of the queue', { messages: notSet, error: cause });
  }
}

function outOfTime(): LoaderError {
  return new LoaderError('deadline', 'the invocation ran out of time', 'It is retried automatically');
}
