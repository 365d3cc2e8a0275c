import { buildApp, type BuildAppOptions } from 'fauxqs';
import { PersistentQueues } from './persistent-queues.ts';
// fauxqs exports its server but not its queues. They are needed to give a queue a URL of our own (its own names resolve on
// few machines), to put notifications in without a call over the network, and to repair its check of message texts.
import { SqsStore } from '../../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { INVALID_MESSAGE_BODY_CHAR } from '../../../node_modules/fauxqs/dist/sqs/sqsTypes.js';

/** A queue, by both of its names. */
export type QueueAddress = { url: string; arn: string };

/** What a queue can be told when it is made. */
export type QueueSettings = {
  visibilityTimeoutSeconds: number;
  /** Where a message goes that was received `maxReceiveCount` times and not deleted. */
  deadLetter?: { arn: string; maxReceiveCount: number };
};

/** A message as it lies in a queue; `hiddenForSeconds` is 0 when it can be received. */
export type QueuedMessage = { messageId: string; body: string; receiveCount: number; hiddenForSeconds: number };

export type Waiting = { soon: number; later: number };

/** The queues behind the SQS protocol, which fauxqs speaks. */
export type Queues = {
  /** The server's request listener; it is not listening by itself. */
  app: ReturnType<typeof buildApp>;
  /** Makes a queue, or gives the one of that name, with these settings. */
  create: (name: string, settings: QueueSettings) => QueueAddress;
  /** Puts a message into a queue. Throws when there is none with this ARN. */
  send: (queueArn: string, body: string) => void;
  /** Every message of a queue, without receiving it. Throws when there is none with this ARN. */
  peek: (queueArn: string) => QueuedMessage[];
  /** How many messages of a queue can be received within a minute, and how many somebody hides for longer. */
  waiting: (queueArn: string) => Waiting;
  /** Whether a queue held the notification with this sequencer when it was opened. */
  keeps: (queueArn: string, sequencer: string) => boolean;
  /** Ends it; what the queues hold stays in their file. */
  close: () => Promise<void>;
};

export type QueuesOptions = {
  region: string;
  /** `http://host:port`, what queue URLs begin with. */
  origin: () => string;
  /** Where queues and messages are kept. */
  file: string;
};

// SQS takes every character of XML 1.0. fauxqs looks at UTF-16 halves and so refuses emoji and other rare characters.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const INVALID_CHARACTER = /[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Starts the queues of one stack, with what a former run left in them. Throws what the file system throws. */
export async function startQueues({ region, origin, file }: QueuesOptions): Promise<Queues> {
  INVALID_MESSAGE_BODY_CHAR.test = (text) => INVALID_CHARACTER.test(text);
  const store = new PersistentQueues();
  store.host = '';
  store.region = region;
  const urlOf = (name: string): string => `${origin()}/000000000000/${name}`;
  await store.open(file, urlOf);
  const kept = new Set(store.listQueues().flatMap(sequencersIn));
  const app = buildApp({
    logger: false,
    stores: { sqsStore: store } as unknown as NonNullable<BuildAppOptions['stores']>,
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.raw.socket.destroyed) returnMessages(store, request.body, payload);
    done();
  });
  await app.ready();
  const find = (queueArn: string) => {
    const queue = store.getQueueByArn(queueArn);
    if (queue === undefined) throw new Error(`There is no queue ${queueArn}.`);
    return queue;
  };
  return {
    app,
    create: (name, settings) => {
      const existing = store.getQueueByName(name);
      existing?.setAttributes(attributes(settings));
      if (existing) return { url: existing.url, arn: existing.arn };
      const arn = `arn:aws:sqs:${region}:000000000000:${name}`;
      const { url } = store.createQueue(name, urlOf(name), arn, attributes(settings));
      return { url, arn };
    },
    send: (queueArn, body) => {
      find(queueArn).enqueue(SqsStore.createMessage(body));
    },
    peek: (queueArn) => peek(find(queueArn).inspectMessages()),
    waiting: (queueArn) => countWaiting(find(queueArn)),
    keeps: (queueArn, sequencer) => kept.has(`${queueArn} ${sequencer}`),
    close: async () => {
      await app.close();
      store.close();
    },
  };
}

type Queue = NonNullable<ReturnType<PersistentQueues['getQueue']>>;

function peek({ ready, delayed, inflight }: ReturnType<Queue['inspectMessages']>): QueuedMessage[] {
  const now = Date.now();
  const as = (message: (typeof ready)[number], visibleAt = now): QueuedMessage => ({
    messageId: message.messageId,
    body: message.body,
    receiveCount: message.approximateReceiveCount,
    hiddenForSeconds: Math.max(0, visibleAt - now) / 1000,
  });
  return [
    ...ready.map((message) => as(message)),
    ...delayed.map((message) => as(message, message.delayUntil)),
    ...inflight.map(({ message, visibilityDeadline }) => as(message, visibilityDeadline)),
  ];
}

function sequencersIn(queue: Queue): string[] {
  const bodies = peek(queue.inspectMessages()).map(({ body }) => body);
  return bodies.flatMap((body) =>
    [...body.matchAll(/"sequencer":"(\w+)"/g)].map(([, text = '']) => `${queue.arn} ${text}`),
  );
}

const SOON_MS = 60_000;

function countWaiting({ messages, delayedMessages, inflightMessages }: Queue): Waiting {
  const soon = Date.now() + SOON_MS;
  const waiting = { soon: messages.length, later: 0 };
  for (const { delayUntil = 0 } of delayedMessages) waiting[delayUntil < soon ? 'soon' : 'later'] += 1;
  for (const { visibilityDeadline } of inflightMessages.values()) {
    waiting[visibilityDeadline < soon ? 'soon' : 'later'] += 1;
  }
  return waiting;
}

function attributes({ visibilityTimeoutSeconds, deadLetter }: QueueSettings): Record<string, string> {
  const policy = deadLetter && { deadLetterTargetArn: deadLetter.arn, maxReceiveCount: deadLetter.maxReceiveCount };
  return {
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    ...(policy && { RedrivePolicy: JSON.stringify(policy) }),
  };
}

/** Messages handed to a client that hung up while it waited are given back, or they would be hidden for nothing. */
function returnMessages(store: PersistentQueues, request: unknown, payload: unknown): void {
  const { QueueUrl } = (request ?? {}) as { QueueUrl?: string };
  const queue = QueueUrl === undefined ? undefined : store.getQueue(QueueUrl);
  if (queue === undefined || typeof payload !== 'string') return;
  const { Messages = [] } = JSON.parse(payload) as { Messages?: { ReceiptHandle: string }[] };
  for (const { ReceiptHandle } of Messages) queue.changeVisibility(ReceiptHandle, 0);
}
