/** A whole local stack for tests, with its tables, and what tests do with one. The only way by which tests start a stack. */
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PurgeQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { EventBridgeBus } from '../../src/aws/event-bridge.ts';
import { clientSettings, connectTo, environmentAs } from '../../src/local/connect.ts';
import type { CommitEvent } from '../../src/load/commit-event.ts';
import type { FaultSource } from '../../src/local/faults/plan.ts';
import { eventRecord } from '../../src/local/s3/notifications.ts';
import { EVENTS_FILE, LOCAL_NAMES, startStack, type Stack, type StackOptions } from '../../src/local/stack.ts';
import type { Row } from '../../src/ports.ts';
import { runCommand, type Ran, type RunOptions } from './commands.ts';
import { invokeLoader, type Invoked, type InvokeOptions } from './loader.ts';
import { STAR_TABLES } from './star-columns.ts';
import { Switchboard } from './switchboard.ts';
import { Tables } from './tables.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** How a test's stack differs from one in memory whose deliveries run at once, ten messages each. */
export type TestStackOptions = Partial<StackOptions> & {
  /** Whether what is written sends its notification to the queue. Unless told otherwise it does where deliveries run. */
  notify?: boolean;
};

/** The record of an S3 event, as S3 would send it. */
export type EventRecord = Record<string, unknown>;
/** An event as a target is given it. */
export type Announced = { id: string; source: string; 'detail-type': string; time: string; detail: CommitEvent };

/** How an object is written: by default now, and as the stack's option says. */
export type PutOptions = { at?: Date; notify?: boolean };

/** A running stack, and what a test does with it. */
export type TestStack = Stack & {
  home: string;
  schema: string;
  /** The calls of the loader, and what goes wrong with them. */
  switchboard: Switchboard;
  /** Writes an object, and gives S3's record of it. */
  put: (key: string, body: string | Buffer, options?: PutOptions) => Promise<EventRecord>;
  /** Deletes an object, and gives S3's record of it. */
  remove: (key: string) => Promise<EventRecord>;
  /** Lets nobody read an object, until `reset`. */
  forbid: (key: string) => void;
  /** A message body for each object written since the last call. */
  takeMessages: () => string[];
  /** Runs one invocation of the loader in this process, with the rights of its function. */
  deliver: (bodies: readonly string[], options?: InvokeOptions) => Promise<Invoked>;
  /** Puts a message into the queue of notifications. */
  send: (body: string) => void;
  /** The events of committed batches, in the order in which they were taken; none where they are not announced. */
  announced: () => Announced[];
  /** Lets a message come again so soon after it was received and nothing was heard of it. */
  hideMessagesFor: (seconds: number) => Promise<void>;
  /** Runs a command as the command line does. */
  run: (argv: string[], more?: RunOptions) => Promise<Ran>;
  /** Runs a command with --json and reads what it printed. */
  json: (argv: string[]) => Promise<Record<string, unknown>>;
  rows: (sql: string) => Promise<Row[]>;
  count: (table: string) => Promise<number>;
  /** The state of every key, in order. */
  ledger: () => Promise<Row[]>;
  statusOf: (key: string) => Promise<unknown>;
  /** All rows of the star and the ledger, in order. */
  everything: () => Promise<Row[][]>;
  /** Empties bucket, queues and warehouse, and ends all faults, once nothing is under way. */
  reset: () => Promise<void>;
};

const TABLES = [...STAR_TABLES, 'load_objects', 'load_batches', 'rejected_rows'];
const LANDING = LOCAL_NAMES.landingBucket;

/** Starts a stack with empty tables in a folder of its own, which goes with it unless it was given one. */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const { notify = options.eventSource !== false, ...settings } = options;
  const home = options.home ?? (await temporaryFolder('stack'));
  const switchboard = new Switchboard();
  const silent = { now: !notify };
  const faults: FaultSource = (service, operation, name) =>
    service === 'notifications' && silent.now
      ? { do: 'lose' }
      : (options.faults?.(service, operation, name) ?? switchboard.source(service, operation));
  const stack = await startStack({ inMemory: true, windowSeconds: 0, batchSize: 10, ...settings, home, faults });
  const tables = new Tables(stack);
  await tables.make();
  const bucket = new Bucket(stack, silent);
  return {
    ...stack,
    home,
    schema: stack.connection.config.names.schema,
    switchboard,
    ...objectsOf(bucket),
    ...messagesOf(stack, home),
    ...commandsOf(stack),
    ...questionsOf(stack),
    reset: async () => {
      switchboard.reset();
      await stack.idle();
      await bucket.empty();
      await emptyQueues(stack);
      await tables.empty();
    },
    stop: async () => {
      await stack.stop();
      if (options.home === undefined) await rm(home, { recursive: true });
    },
  };
}

/** The landing bucket, and what it tells of its objects. */
class Bucket {
  readonly #stack: Stack;
  readonly #silent: { now: boolean };
  readonly #forbidden = new Set<string>();
  #messages: string[] = [];
  #lastRecord: EventRecord = {};

  constructor(stack: Stack, silent: { now: boolean }) {
    this.#stack = stack;
    this.#silent = silent;
    stack.aws.store.onChange((change) => {
      // The loader writes its own files, perhaps while a test writes an object.
      if (change.bucket !== LANDING) return;
      this.#lastRecord = eventRecord(change, LOCAL_NAMES.region, 'landing');
      if (!change.name.startsWith('ObjectCreated')) return;
      this.#messages.push(JSON.stringify({ Records: [this.#lastRecord] }));
    });
  }

  async put(key: string, body: string | Buffer, { at = new Date(), notify }: PutOptions = {}): Promise<EventRecord> {
    const { store } = this.#stack.aws;
    const { file, sizeBytes, md5 } = await store.spool(Readable.from([Buffer.from(body)]));
    const properties = { owned: true, contentType: 'application/json', metadata: {}, atMs: at.getTime() };
    const before = this.#silent.now;
    this.#silent.now = notify === undefined ? before : !notify;
    await store.put(LANDING, { key, file, sizeBytes, etag: md5, ...properties }, 'ObjectCreated:Put');
    this.#silent.now = before;
    return this.#lastRecord;
  }

  async remove(key: string): Promise<EventRecord> {
    await this.#stack.aws.store.delete({ bucket: LANDING, key });
    return this.#lastRecord;
  }

  forbid(key: string): void {
    this.#forbidden.add(key);
    this.#stack.aws.store.forbid({ bucket: LANDING, key });
  }

  takeMessages(): string[] {
    return this.#messages.splice(0);
  }

  async empty(): Promise<void> {
    const { store } = this.#stack.aws;
    const before = this.#silent.now;
    this.#silent.now = true;
    for (const bucket of [LANDING, LOCAL_NAMES.controlBucket]) {
      const { objects } = store.page(bucket, { prefix: '', limit: Infinity });
      for (const { key } of objects) await store.delete({ bucket, key });
    }
    for (const key of this.#forbidden) store.allow({ bucket: LANDING, key });
    this.#silent.now = before;
    this.#forbidden.clear();
    this.#messages = [];
  }
}

function objectsOf(bucket: Bucket): Pick<TestStack, 'put' | 'remove' | 'forbid' | 'takeMessages'> {
  return {
    put: (key, body, options) => bucket.put(key, body, options),
    remove: (key) => bucket.remove(key),
    forbid: (key) => {
      bucket.forbid(key);
    },
    takeMessages: () => bucket.takeMessages(),
  };
}

function messagesOf(stack: Stack, home: string): Pick<TestStack, 'deliver' | 'send' | 'hideMessagesFor' | 'announced'> {
  const { warehouse, config } = connectTo(environmentAs('loader', stack.environment));
  const settings = clientSettings(stack.environment, 'AWS_ENDPOINT_URL_EVENTBRIDGE');
  const bus = config.events && new EventBridgeBus(new EventBridgeClient(settings), config.events.bus);
  let invocations = 0;
  return {
    deliver: (bodies, options) => {
      invocations += 1;
      return invokeLoader({ ...stack.connection, warehouse }, invocations.toString(16).padStart(8, '0'), bodies, {
        ...(bus === undefined ? {} : { bus }),
        ...options,
      });
    },
    send: (body) => {
      stack.aws.queues.send(stack.queueArn, body);
    },
    announced: () => {
      const eventsFile = join(home, EVENTS_FILE);
      if (!existsSync(eventsFile)) return [];
      const lines = readFileSync(eventsFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Announced);
    },
    hideMessagesFor: async (seconds) => {
      const { SPARKIFY_QUEUE_URL, SPARKIFY_REPLAY_QUEUE_URL } = stack.environment;
      const sqs = new SQSClient(clientSettings(stack.environment, 'AWS_ENDPOINT_URL_SQS'));
      const Attributes = { VisibilityTimeout: String(seconds) };
      for (const QueueUrl of [SPARKIFY_QUEUE_URL, SPARKIFY_REPLAY_QUEUE_URL])
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
      sqs.destroy();
    },
  };
}

async function emptyQueues({ environment }: Stack): Promise<void> {
  const sqs = new SQSClient(clientSettings(environment, 'AWS_ENDPOINT_URL_SQS'));
  const { SPARKIFY_QUEUE_URL, SPARKIFY_REPLAY_QUEUE_URL, SPARKIFY_DLQ_URL } = environment;
  for (const QueueUrl of [SPARKIFY_QUEUE_URL, SPARKIFY_REPLAY_QUEUE_URL, SPARKIFY_DLQ_URL])
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  sqs.destroy();
}

function commandsOf({ connection }: Stack): Pick<TestStack, 'run' | 'json'> {
  const run: TestStack['run'] = (argv, more) => runCommand(connection, argv, more);
  return {
    run,
    json: async (argv) => {
      const { out, err, code } = await run([...argv, '--json']);
      if (out === '') throw new Error(`nothing was printed; exit ${code}: ${err}`);
      return JSON.parse(out) as Record<string, unknown>;
    },
  };
}

function questionsOf({ connection }: Stack): Pick<TestStack, 'rows' | 'count' | 'ledger' | 'statusOf' | 'everything'> {
  const { schema } = connection.config.names;
  const rows = (sql: string): Promise<Row[]> => connection.warehouse.query('test', sql, {}, Date.now() + 60_000);
  const ledger = (): Promise<Row[]> => rows(`SELECT * FROM ${schema}.objects_now ORDER BY key`);
  return {
    rows,
    count: async (table) => Number((await rows(`SELECT COUNT(*) AS n FROM ${schema}.${table}`))[0]?.n),
    ledger,
    statusOf: async (key) => (await ledger()).find((row) => row.key === key)?.status,
    everything: () => Promise.all(TABLES.map((table) => rows(`SELECT * FROM ${schema}.${table} ORDER BY 1, 2, 3`))),
  };
}
