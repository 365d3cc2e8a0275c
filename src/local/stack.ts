import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { PortInUse, startAwsEndpoint, type AwsEndpoint } from './endpoint.ts';
import { clientSettings, connectTo, LOCAL_NAMES } from './connect.ts';
import { startEventBus } from './event-bus.ts';
import { startFunctions, type LocalFunctions } from './functions.ts';
import { identities } from './identities.ts';
import type { EventSourceObserver } from './lambda/event-source.ts';
import type { FaultSource } from './faults/plan.ts';
import { clearScratch, expireControlFiles } from './home.ts';
import type { ObjectStore } from './s3/object-store.ts';
import type { QueuedMessage } from './sqs/queues.ts';
import { lateReader } from './late-reader.ts';
import { environmentOf, type StackQueues } from './stack-environment.ts';
import { warehouseFaults } from './faults/warehouse.ts';
import { startWarehouse, type Isolation, type Warehouse } from './redshift/index.ts';
import type { Connection } from '../ports.ts';

export { LOCAL_NAMES, LOCAL_USERS } from './connect.ts';

/** How the stack is run; everything has a default fit for a laptop. */
export type StackOptions = {
  /** The folder for the warehouse file, the bundle and what passes through. */
  home: string;
  /** 0, the default, takes any free port. */
  awsPort?: number;
  warehousePort?: number;
  /** In memory instead of in a file of `home`. */
  inMemory?: boolean;
  isolation?: Isolation;
  /** See WarehouseOptions. */
  loadErrorsLateMs?: () => number;
  /** Whether deliveries run; without them messages stay in the queues. */
  eventSource?: boolean;
  /** Messages per delivery (default: the deployment's). */
  batchSize?: number;
  windowSeconds?: number;
  timeoutSeconds?: number;
  /** How many processes of the loader are started ahead (default 1). */
  warmProcesses?: number;
  maxReceiveCount?: number;
  /** Whether committed batches are announced, in EVENTS_FILE of `home`; by default they are not, as deployed. */
  events?: boolean;
  /** More settings of the function, over the defaults. */
  environment?: Readonly<Record<string, string>>;
  faults?: FaultSource;
  observer?: EventSourceObserver;
  /** Each line the function's processes write, logs and metrics; and what the stack could not do. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
};

/** What the functions write for a load and nobody reads after it. */
const CONTROL_FILES = { bucket: LOCAL_NAMES.controlBucket, prefix: LOCAL_NAMES.controlPrefix };

/** A running stack. */
export type Stack = {
  aws: AwsEndpoint;
  warehouse: Warehouse;
  /** What a shell needs to reach the stack: for commands, for the AWS command line, for the function. */
  environment: Readonly<Record<string, string>>;
  /** The product's own edges, pointed at the stack. */
  connection: Connection;
  /** The same, but that the warehouse's calls never go wrong on purpose. */
  quietConnection: () => Connection;
  /** The DuckDB file, or ':memory:'. */
  warehouseFile: string;
  /** The queue of notifications, and that of replays. */
  queueArn: string;
  replayQueueArn: string;
  /** The ids of the event source mappings, where deliveries run: that of notifications, and that of replays. */
  eventSources?: readonly string[];
  /** The messages in both queues and in the dead-letter queue, without receiving them. */
  waiting: () => QueuedMessage[];
  deadLetters: () => QueuedMessage[];
  /**
   * Resolves when nothing is being delivered or will be within a minute, or when stopped. At once without an event source. While the
   * warehouse is waited for it does not, for a minute at most.
   */
  idle: () => Promise<void>;
  /** Kills the function's busy processes, as a failing machine would. */
  killBusy: () => Promise<void>;
  /** Ends deliveries early: a running one gets half a second to commit, then its function is killed and its statements cancelled. */
  endDeliveries: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Where the events of committed batches are appended, in the home of a stack. */
export const EVENTS_FILE = 'events.jsonl';

/** As deployed (queues.yml): only a function that dies again and again brings a message there. */
const MAX_RECEIVES = 450;
/** The time a running delivery gets when deliveries are ended early. */
const GRACE_MS = 500;
/** Lambda's recommendation, so that throttled deliveries are not retried too early. */
const VISIBILITY_TIMEOUTS = 6;

/**
 * Starts S3, SQS, the warehouse and the event source, with buckets, queues and notifications. The schema is not created.
 * @throws PortInUse, WarehouseLocked, WarehouseTooNew; what was started before is stopped again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const scratchDirectory = join(options.home, 'scratch');
  await mkdir(scratchDirectory, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const one of stops.splice(0).reverse()) await one().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const current: { functions?: LocalFunctions | undefined } = {};
    const killCaller = (): void => void current.functions?.killBusy();
    // The warehouse starts first: the lock on its file keeps a second stack out of this home before anything is changed.
    const late: { store?: ObjectStore } = {};
    const warehouseFile = options.inMemory ? ':memory:' : join(options.home, 'warehouse.duckdb');
    const warehouse = await startWarehouse({
      file: warehouseFile,
      port: options.warehousePort ?? 0,
      objects: lateReader(late),
      scratchDirectory,
      workgroup: LOCAL_NAMES.workgroup,
      database: LOCAL_NAMES.database,
      identities,
      ...(options.isolation ? { isolation: options.isolation } : {}),
      ...(options.loadErrorsLateMs ? { loadErrorsLateMs: options.loadErrorsLateMs } : {}),
      ...(options.faults ? { faults: warehouseFaults(options.faults, killCaller) } : {}),
    }).catch(asPortInUse(options.warehousePort));
    stops.push(() => warehouse.stop());
    await clearScratch(scratchDirectory);
    const aws = await startAwsEndpoint({
      port: options.awsPort ?? 0,
      region: LOCAL_NAMES.region,
      home: options.home,
      ...(options.faults ? { faults: options.faults } : {}),
      killCaller,
    });
    stops.push(() => aws.stop());
    late.store = aws.store;
    const queues = await createResources(aws, options);
    const report = (problem: string): void => options.onLine?.(problem, 'stderr');
    stops.push(await expireControlFiles(aws.store, CONTROL_FILES, report));
    const events = options.events === true ? await startEvents(options, killCaller, stops) : {};
    const environment = { ...environmentOf(aws, warehouse, queues), ...events, ...options.environment };
    const settings = { ...options, timeoutSeconds: timeoutOf(options) };
    if (options.eventSource !== false) current.functions = await startFunctions(settings, environment, queues, aws);
    const { functions } = current;
    Object.assign(environment, functions?.environment);
    stops.push(() => functions?.stop() ?? Promise.resolve());
    return {
      aws,
      warehouse,
      environment,
      connection: connectTo(environment),
      quietConnection: () => connectTo({ ...environment, AWS_ENDPOINT_URL_REDSHIFT_DATA: warehouse.quietEndpoint }),
      warehouseFile,
      queueArn: queues.queue.arn,
      replayQueueArn: queues.replayQueue.arn,
      ...(functions ? { eventSources: functions.eventSources } : {}),
      waiting: () => [queues.queue, queues.replayQueue].flatMap(({ arn }) => aws.queues.peek(arn)),
      deadLetters: () => aws.queues.peek(queues.deadLetter.arn),
      idle: () => functions?.idle() ?? Promise.resolve(),
      killBusy: async () => functions?.killBusy(),
      endDeliveries: () => endDeliveries(warehouse, functions),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts the event bus, and gives what the function must know of it. */
async function startEvents(
  { home, faults = (): undefined => undefined }: StackOptions,
  killCaller: () => void,
  stops: (() => Promise<void>)[],
): Promise<Record<string, string>> {
  const { eventBus: name, region } = LOCAL_NAMES;
  const file = join(home, EVENTS_FILE);
  const bus = await startEventBus({ name, file, region, faults, killCaller });
  stops.push(() => bus.stop());
  return { AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url, SPARKIFY_EVENT_BUS: name };
}

async function endDeliveries(warehouse: Warehouse, functions: LocalFunctions | undefined): Promise<void> {
  const ended = functions?.endDeliveries();
  await Promise.race([ended, sleep(GRACE_MS, undefined, { ref: false })]);
  await functions?.killBusy();
  await warehouse.cancelAll();
  await ended;
}

function asPortInUse(port = 0): (error: unknown) => never {
  return (error) => {
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? new PortInUse(port) : error;
  };
}

async function createResources(aws: AwsEndpoint, options: StackOptions): Promise<StackQueues> {
  const { landingBucket, controlBucket } = LOCAL_NAMES;
  aws.store.createBucket(landingBucket);
  aws.store.createBucket(controlBucket);
  const visibilityTimeoutSeconds = timeoutOf(options) * VISIBILITY_TIMEOUTS + (options.windowSeconds ?? 0);
  const deadLetter = aws.queues.create(LOCAL_NAMES.deadLetterQueue, { visibilityTimeoutSeconds });
  const failing = { arn: deadLetter.arn, maxReceiveCount: options.maxReceiveCount ?? MAX_RECEIVES };
  const queue = aws.queues.create(LOCAL_NAMES.queue, { visibilityTimeoutSeconds, deadLetter: failing });
  const replayQueue = aws.queues.create(LOCAL_NAMES.replayQueue, { visibilityTimeoutSeconds, deadLetter: failing });
  const s3 = new S3Client(clientSettings({ AWS_ENDPOINT_URL_S3: aws.url }, 'AWS_ENDPOINT_URL_S3'));
  const configurations = [
    { QueueArn: queue.arn, Events: ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const] },
  ];
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: landingBucket,
      NotificationConfiguration: { QueueConfigurations: configurations },
    }),
  );
  s3.destroy();
  return { queue, replayQueue, deadLetter };
}

function timeoutOf(options: StackOptions): number {
  return options.timeoutSeconds ?? 300;
}
