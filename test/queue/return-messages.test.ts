import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { SqsQueue } from '../../src/aws/sqs.ts';
import { LoaderError, type ErrorCode } from '../../src/errors.ts';
import type { Clock, ReceivedMessage } from '../../src/ports.ts';
import { readNote } from '../../src/queue/dead-letter-note.ts';
import type { Undone } from '../../src/queue/come-again.ts';
import { returnMessages, type ReturnDeps } from '../../src/queue/return-messages.ts';
import { startTestEndpoint, type TestEndpoint } from '../local/endpoint.ts';

const clock: Clock = { now: () => Date.now(), sleep: () => Promise.resolve(), random: () => 0 };

let endpoint: TestEndpoint;
let failing: boolean;
/** How many of the next calls that send are denied. */
let denied: number;
beforeAll(async () => {
  const faults = (service: string, operation: string) => {
    if (service !== 'sqs' || operation !== 'SendMessageBatch') return undefined;
    if (failing) return { do: 'error', code: 'InternalError', status: 500 } as const;
    if (denied === 0) return undefined;
    denied -= 1;
    return { do: 'error', code: 'AccessDenied', status: 403 } as const;
  };
  endpoint = await startTestEndpoint({ faults });
});
afterAll(() => endpoint.close());
beforeEach(() => {
  failing = false;
  denied = 0;
});

/** A queue with a dead-letter queue, the messages that were received of it, and the log of what is returned. */
async function received(name: string, bodies: readonly string[]) {
  const dlq = endpoint.queues.create(`${name}-dlq`, { visibilityTimeoutSeconds: 60 });
  const own = endpoint.queues.create(name, { visibilityTimeoutSeconds: 600 });
  for (const MessageBody of bodies) {
    const MessageAttributes = { from: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) } };
    await endpoint.sqs.send(new SendMessageCommand({ QueueUrl: own.url, MessageBody, MessageAttributes }));
  }
  const queue = new SqsQueue(endpoint.sqs);
  const messages: ReceivedMessage[] = [];
  while (messages.length < bodies.length) {
    messages.push(...(await queue.receive(own.url, { waitSeconds: 0, visibilityTimeoutSeconds: 600 })));
  }
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const deps: ReturnDeps = {
    queue,
    queueUrl: own.url,
    dlqUrl: dlq.url,
    mostSeconds: 3600,
    clock,
    log: { info: write, warn: write, error: write },
  };
  return { messages, deps, own, dlq, log };
}

const returned = (messages: readonly ReceivedMessage[], code: ErrorCode): Undone => ({
  refused: [],
  returned: messages.map(({ messageId }) => ({ messageId, error: new LoaderError(code, 'why', 'hint') })),
});
const inAMinute = (): number => Date.now() + 60_000;

describe('messages that are returned', () => {
  test('come again when their kind of failure may be over, however many there are', async () => {
    const bodies = Array.from({ length: 345 }, (_, n) => `message ${n}`);
    const { messages, deps, own, log } = await received('passing', bodies);
    const ids = await returnMessages(returned(messages, 'throttled'), messages, deps, inAMinute());
    expect(new Set(ids)).toEqual(new Set(messages.map(({ messageId }) => messageId)));
    const hidden = endpoint.queues.peek(own.arn).map(({ hiddenForSeconds }) => hiddenForSeconds);
    expect(hidden).toHaveLength(345);
    expect(Math.max(...hidden)).toBeLessThanOrEqual(2);
    expect(log).toEqual([]);
  });

  test('that need a person lie in the dead-letter queue with reason, time and what their sender wrote on them', async () => {
    const { messages, deps, own, dlq } = await received('refused', ['{', 'x'.repeat(1_048_550), '👩‍🎤']);
    const reason = 'it is no JSON:\u0000 \ud800 "\'\n</x>';
    const refused = messages.map(({ messageId }) => ({ messageId, reason }));
    expect(await returnMessages({ refused, returned: [] }, messages, deps, inAMinute())).toEqual([]);
    // The event source deletes what was not returned.
    expect(endpoint.queues.peek(own.arn)).toHaveLength(3);
    const letters: ReceivedMessage[] = [];
    while (letters.length < 3) {
      letters.push(...(await deps.queue.receive(dlq.url, { waitSeconds: 0, visibilityTimeoutSeconds: 60 })));
    }
    expect(new Set(letters.map(({ body }) => body))).toEqual(new Set(messages.map(({ body }) => body)));
    for (const { body, messageAttributes } of letters) {
      expect(messageAttributes.from?.binaryValue).toEqual(new Uint8Array([0, 255]));
      // There is no room for a note on the largest message.
      const note = readNote(messageAttributes);
      if (body.startsWith('x')) expect(note).toBeUndefined();
      else expect(note?.reason).toBe('it is no JSON:    "\' </x>');
      if (note) expect(Date.now() - Date.parse(note.time)).toBeLessThan(60_000);
    }
  });

  test('come again when the dead-letter queue does not take them', async () => {
    const { messages, deps, own, dlq, log } = await received('failing', ['{', '[']);
    failing = true;
    const refused = messages.map(({ messageId }) => ({ messageId, reason: 'no JSON' }));
    const ids = await returnMessages({ refused, returned: [] }, messages, deps, inAMinute());
    expect(ids).toHaveLength(2);
    expect(endpoint.queues.peek(dlq.arn)).toEqual([]);
    for (const { hiddenForSeconds } of endpoint.queues.peek(own.arn)) expect(hiddenForSeconds).toBeLessThanOrEqual(2);
    expect(log).toEqual(['dead letters could not be sent']);
  });

  test('come again alone when the dead-letter queue takes the others', async () => {
    const bodies = Array.from({ length: 35 }, (_, n) => `{ ${n}`);
    const { messages, deps, dlq, log } = await received('partly', bodies);
    denied = 1;
    const refused = messages.map(({ messageId }) => ({ messageId, reason: 'no JSON' }));
    const ids = await returnMessages({ refused, returned: [] }, messages, deps, inAMinute());
    const letters = endpoint.queues.peek(dlq.arn);
    const back = messages.filter(({ messageId }) => ids.includes(messageId));
    expect(letters.length).toBeGreaterThan(0);
    expect(back.length).toBeGreaterThan(0);
    expect([...letters, ...back].map(({ body }) => body).sort()).toEqual([...bodies].sort());
    expect(log).toEqual(['dead letters could not be sent']);
  });

  test('need no call to the dead-letter queue after the deadline', async () => {
    const { messages, deps, dlq } = await received('refused-late', ['{']);
    const refused = messages.map(({ messageId }) => ({ messageId, reason: 'no JSON' }));
    expect(await returnMessages({ refused, returned: [] }, messages, deps, Date.now())).toHaveLength(1);
    expect(endpoint.queues.peek(dlq.arn)).toEqual([]);
  });

  test('after the deadline are left to the timeout of the queue, and the log says so', async () => {
    const { messages, deps, own, log } = await received('late', ['one']);
    expect(await returnMessages(returned(messages, 'throttled'), messages, deps, Date.now())).toHaveLength(1);
    expect(endpoint.queues.peek(own.arn)[0]?.hiddenForSeconds).toBeGreaterThan(500);
    expect(log).toEqual(['messages come again after the timeout of the queue']);
  });

  test('and whose own timeout is over already are counted as not changed', async () => {
    const { messages, deps, log } = await received('gone', ['one']);
    await deps.queue.delete(deps.queueUrl, messages);
    expect(await returnMessages(returned(messages, 'throttled'), messages, deps, inAMinute())).toHaveLength(1);
    expect(log).toEqual(['messages come again after the timeout of the queue']);
  });

  test('go to the dead-letter queue with the error when nobody foresaw it, after some receives', async () => {
    const { messages, deps, dlq } = await received('unforeseen', ['one']);
    const again = messages.map((one) => ({ ...one, attributes: { ...one.attributes, ApproximateReceiveCount: '7' } }));
    expect(await returnMessages(returned(again, 'unexpected'), again, deps, inAMinute())).toEqual([]);
    const { Messages } = await endpoint.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dlq.url, MessageAttributeNames: ['All'] }),
    );
    expect(Messages?.[0]?.MessageAttributes?.SparkifyReason?.StringValue).toBe('why');
  });
});
