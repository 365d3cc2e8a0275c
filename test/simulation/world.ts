/** A bucket, a warehouse and the loader in this process, over the wire and with the product's own edges. Used again and again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { MetricName } from '../../src/ports.ts';
import { loadDelivery } from '../../src/load/load-delivery.ts';
import { eventRecord } from '../../src/local/s3/notifications.ts';
import type { Isolation } from '../../src/local/redshift/index.ts';
import { LOCAL_NAMES, startStack, type Stack } from '../../src/local/stack.ts';
import { schemaDeps } from '../../src/commands/create-tables.ts';
import { dropSchema, upgradeSchema } from '../../src/schema/upgrade.ts';
import { Switchboard } from './faults.ts';
import type { Templates } from '../../src/sql/statement.ts';
import type { LoadDeps } from '../../src/load/deps.ts';

/** The record of an S3 event, as S3 would send it. */
export type EventRecord = Record<string, unknown>;

/** What one invocation did. */
export type Invoked = { failed: string[]; counts: Map<MetricName, number>; log: string[] };

/** How an invocation differs from a normal one. `timeMs` is the time the loader may use, without its reserve. */
export type InvokeOptions = { templates?: Templates; timeMs?: number };

/** One minute for an invocation, unless it is about deadlines. */
const INVOCATION_MS = 60_000;

/** A running world. */
export class World {
  readonly stack: Stack;
  readonly switchboard: Switchboard;
  readonly schema: string;
  readonly #home: string;
  #invocations = 0;
  #lastRecord: EventRecord = {};

  private constructor(stack: Stack, switchboard: Switchboard, home: string) {
    this.stack = stack;
    this.switchboard = switchboard;
    this.schema = stack.connection.config.names.schema;
    this.#home = home;
    stack.aws.store.onChange((change) => {
      this.#lastRecord = eventRecord(change, LOCAL_NAMES.region, 'landing');
    });
  }

  /**
   * Starts a world with an empty bucket and empty tables. With the function, messages sent to the queue are delivered to it
   * one by one, in processes of their own, and come again a second after it failed.
   */
  static async start(options: { isolation?: Isolation; withFunction?: true } = {}): Promise<World> {
    const home = await mkdtemp(join(tmpdir(), 'world-'));
    const switchboard = new Switchboard();
    const stack = await startStack({
      home,
      inMemory: true,
      faults: switchboard.source,
      eventSource: options.withFunction ?? false,
      batchSize: 1,
      windowSeconds: 0,
      maxReceiveCount: 100,
      ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
    });
    await upgradeSchema(schemaDeps(stack.connection));
    return new World(stack, switchboard, home);
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await rm(this.#home, { recursive: true });
  }

  /** Empties bucket and warehouse. */
  async reset(): Promise<void> {
    this.switchboard.arm();
    const { store } = this.stack.aws;
    for (const bucket of [LOCAL_NAMES.landingBucket, LOCAL_NAMES.controlBucket]) {
      for (const { key } of store.page(bucket, { prefix: '', limit: Infinity }).objects)
        await store.delete({ bucket, key });
    }
    await dropSchema(schemaDeps(this.stack.connection));
    await upgradeSchema(schemaDeps(this.stack.connection));
  }

  /** Writes an object (compressed if its key says so) at a time of the test's own, and gives S3's record of it. */
  async write(key: string, body: string, at: Date): Promise<EventRecord> {
    const { store } = this.stack.aws;
    const bytes = key.endsWith('.gz') && body !== '' ? gzipSync(body) : Buffer.from(body);
    const { file, sizeBytes, md5 } = await store.spool(Readable.from([bytes]));
    const object = { key, file, sizeBytes, etag: md5, owned: true, contentType: '', metadata: {}, at };
    await store.put(LOCAL_NAMES.landingBucket, object, 'ObjectCreated:Put');
    return this.#lastRecord;
  }

  /** Deletes an object, and gives S3's record of it. */
  async remove(key: string): Promise<EventRecord> {
    await this.stack.aws.store.delete({ bucket: LOCAL_NAMES.landingBucket, key });
    return this.#lastRecord;
  }

  /** Puts a message into the queue that the function is fed from. */
  send(body: string): void {
    this.stack.aws.queues.send(this.stack.queueArn, body);
  }

  /** Lets a message come again so soon after it was received and nothing was heard of it. */
  async hideMessagesFor(seconds: number): Promise<void> {
    const { AWS_ENDPOINT_URL_SQS: endpoint = '', SPARKIFY_QUEUE_URL: QueueUrl = '' } = this.stack.environment;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const sqs = new SQSClient({ region: LOCAL_NAMES.region, endpoint, credentials });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }));
    sqs.destroy();
  }

  /** Runs one invocation of the loader on some message bodies; gives what it said and which bodies must come again. */
  async invoke(bodies: readonly string[], options: InvokeOptions = {}): Promise<Invoked> {
    this.#invocations += 1;
    const requestId = this.#invocations.toString(16).padStart(8, '0');
    const counts = new Map<MetricName, number>();
    const log: string[] = [];
    const messages = bodies.map((body, index) => ({ messageId: `${requestId}-${index}`, body }));
    const reserveMs = this.stack.connection.config.reserveSeconds * 1000;
    const deadlineMs = Date.now() + reserveMs + (options.timeMs ?? INVOCATION_MS);
    const failedIds = new Set(
      await loadDelivery(messages, this.#deps(options, counts, log), { requestId, deadlineMs }),
    );
    const failed = messages.filter(({ messageId }) => failedIds.has(messageId)).map(({ body }) => body);
    return { failed, counts, log };
  }

  #deps(options: InvokeOptions, counts: Map<MetricName, number>, log: string[]): LoadDeps {
    const { config, templates, warehouse, objects, clock } = this.stack.connection;
    const write =
      (level: string) =>
      (message: string, fields: Record<string, unknown> = {}): void => {
        log.push(`${level} ${message} ${JSON.stringify(fields)}`);
      };
    const load = options.templates ?? templates.load;
    return {
      config,
      templates: { load, report: templates.report },
      warehouse,
      objects,
      log: { info: write('info'), warn: write('warn'), error: write('error') },
      meter: {
        count: (name, value) => {
          counts.set(name, (counts.get(name) ?? 0) + value);
        },
        seconds: () => undefined,
      },
      // Pauses are for other people's sake; here nobody else is served by waiting.
      clock: { now: () => clock.now(), sleep: () => Promise.resolve(), random: () => clock.random() },
    };
  }
}
