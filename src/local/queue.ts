import { buildApp, type BuildAppOptions } from 'fauxqs';
// fauxqs exports its server but not its queues. They are needed to give a queue a URL of our own (its own names resolve on
// few machines), to put notifications in without a call over the network, and to repair its check of message texts.
import { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { INVALID_MESSAGE_BODY_CHAR } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';

/** A queue, by both of its names. */
export type QueueAddress = { url: string; arn: string };

/** What a queue can be told when it is made. */
export type QueueSettings = {
  visibilityTimeoutSeconds: number;
  /** Where a message goes that was received `maxReceiveCount` times and not deleted. */
  deadLetter?: { arn: string; maxReceiveCount: number };
};

/** The queues behind the SQS protocol, which fauxqs speaks. */
export type Queues = {
  /** The server's request listener; it is not listening by itself. */
  app: ReturnType<typeof buildApp>;
  /** Makes a queue, or gives the one of that name as it is. */
  create: (name: string, settings: QueueSettings) => QueueAddress;
  /** Puts a message into a queue. Throws when there is none with this ARN. */
  send: (queueArn: string, body: string) => void;
};

// SQS takes every character of XML 1.0. fauxqs looks at UTF-16 halves and so refuses emoji and other rare characters.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const invalidCharacter = /[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Starts the queues of one stack. `origin` (`http://host:port`) is what queue URLs begin with. */
export async function startQueues(options: { region: string; origin: () => string }): Promise<Queues> {
  INVALID_MESSAGE_BODY_CHAR.test = (text) => invalidCharacter.test(text);
  const store = new SqsStore();
  store.host = '';
  store.region = options.region;
  const app = buildApp({ logger: false, stores: { sqsStore: store } as NonNullable<BuildAppOptions['stores']> });
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.raw.socket.destroyed) returnMessages(store, request.body, payload);
    done();
  });
  await app.ready();
  return {
    app,
    create: (name, settings) => {
      const existing = store.getQueueByName(name);
      if (existing !== undefined) return { url: existing.url, arn: existing.arn };
      const arn = `arn:aws:sqs:${options.region}:000000000000:${name}`;
      const { url } = store.createQueue(name, `${options.origin()}/000000000000/${name}`, arn, attributes(settings));
      return { url, arn };
    },
    send: (queueArn, body) => {
      const queue = store.getQueueByArn(queueArn);
      if (queue === undefined) throw new Error(`There is no queue ${queueArn}.`);
      queue.enqueue(SqsStore.createMessage(body));
    },
  };
}

function attributes({ visibilityTimeoutSeconds, deadLetter }: QueueSettings): Record<string, string> {
  const policy = deadLetter && { deadLetterTargetArn: deadLetter.arn, maxReceiveCount: deadLetter.maxReceiveCount };
  return {
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    ...(policy && { RedrivePolicy: JSON.stringify(policy) }),
  };
}

/** Messages handed to a client that hung up while it waited are given back, or they would be hidden for nothing. */
function returnMessages(store: SqsStore, request: unknown, payload: unknown): void {
  const { QueueUrl } = (request ?? {}) as { QueueUrl?: string };
  const queue = QueueUrl === undefined ? undefined : store.getQueue(QueueUrl);
  if (queue === undefined || typeof payload !== 'string') return;
  const { Messages = [] } = JSON.parse(payload) as { Messages?: { ReceiptHandle: string }[] };
  for (const { ReceiptHandle } of Messages) queue.changeVisibility(ReceiptHandle, 0);
}
