import { randomUUID } from 'node:crypto';
import type { ReceivedMessage, Connection } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import type { ExitCode, Io } from './command.ts';
import { table } from './table.ts';
import { pluralize } from '../numbers.ts';

/** Below this the control bucket keeps what was discarded; unlike manifests it does not expire. */
const PREFIX = 'discarded/';
/** What one record holds at most, so that no run has to be held in memory as one text. */
const RECORD_LIMITS = { messages: 500, bytes: 8_000_000 };

/** A message that is to go for good, and what it died of. */
export type MessageToDiscard = { message: ReceivedMessage; cause: string };

/** One line of a record: all that is needed to know the message again, or to send it again. */
type Line = {
  who: string;
  why: string;
  messageId: string;
  cause: string;
  at: string;
  sentTimestamp: string;
  body: string;
};

/**
 * Removes messages from the dead-letter queue for good. Each is recorded in the control bucket first and deleted then, so that
 * a run that ends between leaves a record too many and no message without one; the next run records it once more.
 * @throws LoaderError, Interrupted
 */
export async function discardMessages(
  condemned: readonly MessageToDiscard[],
  why: string,
  { io, connection, dlqUrl, done }: { io: Io; connection: Connection; dlqUrl: string; done: (id: string) => void },
): Promise<void> {
  const { bucket } = connection.config.control;
  for (const part of cutRecords(condemned)) {
    io.interrupted.throwIfAborted();
    const at = new Date(connection.clock.now()).toISOString();
    const lines = part.map(({ message, cause }): Line => {
      const { messageId, body, attributes } = message;
      return { messageId, who: io.user, why, at, cause, sentTimestamp: sentAt(attributes), body };
    });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await connection.objects.put(bucket, `${PREFIX}${at}-${randomUUID()}.jsonl`, text);
    for (let from = 0; from < part.length; from += 10) {
      const call = part.slice(from, from + 10).map(({ message }) => message);
      const left = new Set(await connection.queue.delete(dlqUrl, call));
      for (const { messageId } of call) if (!left.has(messageId)) done(messageId);
      if (left.size === 0) continue;
      const said = `${pluralize(left.size, 'message')} could not be deleted from the dead-letter queue`;
      throw new LoaderError('unexpected', said, 'They are recorded and still there: run the same command again');
    }
  }
}

function cutRecords(condemned: readonly MessageToDiscard[]): MessageToDiscard[][] {
  const parts: MessageToDiscard[][] = [];
  let bytes = 0;
  for (const one of condemned) {
    const current = parts.at(-1);
    bytes += one.message.body.length;
    if (current && current.length < RECORD_LIMITS.messages && bytes <= RECORD_LIMITS.bytes) current.push(one);
    else {
      parts.push([one]);
      bytes = one.message.body.length;
    }
  }
  return parts;
}

/** When a message was first sent, of its SQS attributes; empty where they do not say. */
export function sentAt(attributes: ReceivedMessage['attributes']): string {
  const sentMs = Number(attributes.SentTimestamp ?? NaN);
  return Number.isNaN(sentMs) ? '' : new Date(sentMs).toISOString();
}

/** `redrive --discarded`: what was discarded, the oldest first. */
export async function listDiscarded(json: boolean, connection: Connection, io: Io): Promise<ExitCode> {
  const { bucket } = connection.config.control;
  // A message that two runs recorded was discarded by the last.
  const found = new Map<string, Line & { record: string }>();
  for await (const page of connection.objects.list(bucket, PREFIX)) {
    for (const { key } of page) {
      io.interrupted.throwIfAborted();
      const text = await connection.objects.get(bucket, key);
      for (const line of text.split('\n').filter(Boolean)) {
        const read = JSON.parse(line) as Line;
        found.set(read.messageId, { ...read, record: `s3://${bucket}/${key}` });
      }
    }
  }
  const lines = [...found.values()];
  if (json) io.out(JSON.stringify({ found: lines.length, messages: lines }));
  else if (lines.length === 0) io.out('No message was ever discarded.');
  else {
    const rows = lines.map(({ at, who, why, cause, body }) => [at, who, why, cause, body.slice(0, 60)]);
    io.out(table(['discarded (UTC)', 'by', 'why', 'died of', 'begins with'], rows));
    io.out(`${pluralize(lines.length, 'message')} in all; their whole text: --json, or s3://${bucket}/${PREFIX}`);
  }
  return 0;
}
