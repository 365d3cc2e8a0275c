import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { startEventSource, type EventSource, type EventSourceOptions } from '../../../src/local/lambda/event-source.ts';
import type { QueueAddress } from '../../../src/local/sqs/queues.ts';
import { region, startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

let endpoint: TestEndpoint;
let queue: QueueAddress;
let deadLetters: QueueAddress;
let source: EventSource | undefined;
let delivered: string[][];

beforeEach(async () => {
  endpoint = await startTestEndpoint();
  deadLetters = endpoint.queues.create('dead', { visibilityTimeoutSeconds: 1 });
  queue = endpoint.queues.create('objects', {
    visibilityTimeoutSeconds: 1,
    deadLetter: { arn: deadLetters.arn, maxReceiveCount: 2 },
  });
  delivered = [];
});
afterEach(async () => {
  await source?.stop();
  await endpoint.close();
});

const settings = { batchSize: 10, maximumBatchingWindowSeconds: 0, maximumConcurrency: 2, functionTimeoutSeconds: 1 };

/** Starts an event source whose function records what it gets and answers what `answer` gives. */
async function start(
  answer: (event: SQSEvent) => unknown = () => undefined,
  options: Partial<EventSourceOptions> = {},
): Promise<void> {
  source = await startEventSource({
    sqs: endpoint.sqs,
    queueUrl: queue.url,
    queueArn: queue.arn,
    region,
    ...settings,
    invoke: async (event) => {
      delivered.push(event.Records.map(({ body }) => body));
      return await Promise.resolve(answer(event));
    },
    waiting: () => endpoint.queues.waiting(queue.arn),
    ...options,
  });
}

/** Replaces the queue by one with another visibility timeout. */
function hideFor(visibilityTimeoutSeconds: number): void {
  queue = endpoint.queues.create('patient', { visibilityTimeoutSeconds });
}

async function send(...bodies: string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await endpoint.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  }
}

/** The bodies that are in the dead-letter queue, which a second event source empties. */
async function takeDeadLetters(): Promise<string[]> {
  const bodies: string[] = [];
  const reader = await startEventSource({
    sqs: endpoint.sqs,
    queueUrl: deadLetters.url,
    queueArn: deadLetters.arn,
    region,
    ...settings,
    waiting: () => endpoint.queues.waiting(deadLetters.arn),
    invoke: (event) => Promise.resolve(void bodies.push(...event.Records.map(({ body }) => body))),
  });
  await reader.idle();
  await reader.stop();
  return bodies.sort();
}

describe('a delivery', () => {
  test('reaches the function in Lambda’s shape within moments, and is deleted when it is content', async () => {
    let event: SQSEvent | undefined;
    await start((given) => void (event = given));
    const { MessageId, MD5OfMessageBody } = await endpoint.sqs.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: '{"🎵":1}',
        MessageAttributes: { why: { DataType: 'String', StringValue: 'backfill' } },
      }),
    );
    await source!.idle();
    expect(event!.Records).toEqual([
      {
        messageId: MessageId,
        receiptHandle: expect.any(String) as string,
        body: '{"🎵":1}',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
          SenderId: expect.any(String) as string,
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as string,
        },
        messageAttributes: { why: { dataType: 'String', stringValue: 'backfill' } },
        md5OfBody: MD5OfMessageBody,
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
        awsRegion: region,
      },
    ]);
  });

  test('holds no more than the batch size, and each message once', async () => {
    const bodies = Array.from({ length: 57 }, (_, index) => `m${index}`);
    await send(...bodies);
    await start();
    await source!.idle();
    expect(Math.max(...delivered.map((batch) => batch.length))).toBeLessThanOrEqual(10);
    expect(delivered.flat().sort()).toEqual([...bodies].sort());
  });

  test('gathers what comes within its window', async () => {
    hideFor(30);
    await start(undefined, { batchSize: 10_000, maximumBatchingWindowSeconds: 1 });
    await send('a');
    await send('b');
    await send('c');
    await source!.idle();
    expect(delivered.length).toBeLessThanOrEqual(2);
    expect(delivered.flat().sort()).toEqual(['a', 'b', 'c']);
  });

  test('never exceeds 6 MB', async () => {
    hideFor(30);
    const large = 'x'.repeat(900_000);
    for (let index = 0; index < 15; index++) await send(`${index}${large}`);
    const sizes: number[] = [];
    await start((event) => void sizes.push(Buffer.byteLength(JSON.stringify(event))), {
      batchSize: 1000,
      maximumBatchingWindowSeconds: 1,
    });
    await source!.idle();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(
      delivered
        .flat()
        .map((body) => parseInt(body, 10))
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 15 }, (_, index) => index));
  });

  test('runs beside at most one other when the maximum concurrency is 2', async () => {
    let running = 0;
    let most = 0;
    await send(...Array.from({ length: 60 }, (_, index) => String(index)));
    await start(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running--;
    });
    await source!.idle();
    expect(most).toBe(2);
  });
});

describe('a message comes again after its visibility timeout, and then goes to the dead-letter queue', () => {
  const failures: Record<string, (event: SQSEvent) => unknown> = {
    'the function throws': () => Promise.reject(new Error('no')),
    'its id is not in the delivery': () => ({ batchItemFailures: [{ itemIdentifier: 'unknown' }] }),
    'an item has another key': ({ Records }) => ({ batchItemFailures: [{ id: Records[0]!.messageId }] }),
    'an id is empty': () => ({ batchItemFailures: [{ itemIdentifier: '' }] }),
    'the response is no object': () => 'done',
  };
  test('when its delivery fails in any way', async () => {
    const ways = Object.keys(failures);
    await start((event) => failures[event.Records[0]!.body]!(event), { batchSize: 1 });
    await send(...ways);
    await source!.idle();
    expect(delivered.map(([body]) => body).sort()).toEqual([...ways, ...ways].sort());
    expect(await takeDeadLetters()).toEqual([...ways].sort());
  });

  test('when the response names it, and the rest of the delivery is done', async () => {
    await send('good', 'bad', 'fine');
    await start(({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    await source!.idle();
    expect(delivered.flat().sort()).toEqual(['bad', 'bad', 'fine', 'good']);
    expect(await takeDeadLetters()).toEqual(['bad']);
  });
});

test.each([undefined, null, {}, { batchItemFailures: null }, { batchItemFailures: [] }])(
  'the response %j means that all went well',
  async (response) => {
    await start(() => response);
    await send('a');
    await source!.idle();
    expect(delivered).toEqual([['a']]);
  },
);

test('a message that was waited for in vain by a stopped event source is not hidden', async () => {
  await start();
  await source!.stop();
  await send('a');
  expect(endpoint.queues.peek(queue.arn)).toMatchObject([{ body: 'a', receiveCount: 0 }]);
  await start();
  await source!.idle();
  expect(delivered).toEqual([['a']]);
});

test('idle waits neither for what somebody else holds for long, nor for anything once it is stopped', async () => {
  hideFor(1800);
  await send('theirs');
  await endpoint.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url }));
  await send('ours');
  await start();
  await source!.idle();
  expect(delivered).toEqual([['ours']]);
  await Promise.all([source!.idle(), source!.stop()]);
  expect(endpoint.queues.peek(queue.arn)).toMatchObject([{ body: 'theirs', receiveCount: 1 }]);
});

test('settings that Lambda refuses are refused, all at once', async () => {
  await expect(
    start(undefined, { batchSize: 100, maximumConcurrency: 1, functionTimeoutSeconds: 60 }),
  ).rejects.toMatchObject({
    name: 'EventSourceMisconfigured',
    message: expect.stringMatching(/window of at least 1 second.*2 to 1,000.*hides messages for 1 s/) as string,
  });
});

test('trouble with the queue is reported and overcome', async () => {
  const troubles: Error[] = [];
  let calls = 0;
  await endpoint.close();
  endpoint = await startTestEndpoint({
    faults: (service, operation) =>
      service === 'sqs' && operation === 'ReceiveMessage' && calls++ < 4 ? { do: 'error', status: 400 } : undefined,
  });
  queue = endpoint.queues.create('objects', { visibilityTimeoutSeconds: 1 });
  await send('a');
  await start(undefined, { observer: { queueTrouble: (error) => troubles.push(error) } });
  await source!.idle();
  expect(delivered).toEqual([['a']]);
  expect(troubles.length).toBeGreaterThan(0);
});
