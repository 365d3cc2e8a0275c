import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PortInUse, startAwsEndpoint, type AwsEndpoint } from './endpoint.ts';
import { buildBundle } from './lambda/bundle.ts';
import { clientSettings, connectTo, environmentAs, LOCAL_NAMES } from './connect.ts';
import { identities } from './identities.ts';
import { deployedSettings } from './lambda/deployed-settings.ts';
import { startEventSource, type EventSource, type EventSourceObserver } from './lambda/event-source.ts';
import type { FaultSource } from './faults/plan.ts';
import { clearScratch, expireControlFiles } from './home.ts';
import { LambdaFunction } from './lambda/function.ts';
import type { ObjectStore } from './s3/object-store.ts';
import type { QueuedMessage } from './sqs/queues.ts';
import { lateReader } from './late-reader.ts';
import { environmentOf, type QueuePair } from './stack-environment.ts';
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
  /** Whether deliveries run; without it messages stay in the queue. */
  eventSource?: boolean;
  /** Messages per delivery (default: the deployment's). */
  batchSize?: number;
  windowSeconds?: number;
  timeoutSeconds?: number;
  maxReceiveCount?: number;
  /** More settings of the function, over the defaults. */
  environment?: Readonly<Record<string, string>>;
  faults?: FaultSource;
  observer?: EventSourceObserver;
  /** Each line the function's processes write, logs and metrics; and what the stack could not do. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
};

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
  queueArn: string;
  /** The messages in the queue and in the dead-letter queue, without receiving them. */
  waiting: () => QueuedMessage[];
  deadLetters: () => QueuedMessage[];
  /** Resolves when nothing is being delivered or will be within a minute, or when stopped. At once without an event source. */
  idle: () => Promise<void>;
  /** Kills the function's busy processes, as a failing machine would. */
  killBusy: () => Promise<void>;
  /** Ends deliveries early: a running one gets half a second to commit, then its function is killed and its statements cancelled. */
  endDeliveries: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Locally a failed message is retried soon; nobody wants to wait on a laptop. */
const RETRY_AFTER_SECONDS = 1;
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
    const lambda: { current?: LambdaFunction } = {};
    const killCaller = (): void => void lambda.current?.killBusy();
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
    stops.push(await expireControlFiles(aws.store, LOCAL_NAMES.controlBucket, report));
    const environment = { ...environmentOf(aws, warehouse, queues), ...options.environment };
    const source = options.eventSource === false ? undefined : await startFunction(options, environment, queues, aws);
    if (source) {
      lambda.current = source.lambda;
      stops.push(
        () => source.lambda.stop(),
        () => source.stop(),
      );
    }
    return {
      aws,
      warehouse,
      environment,
      connection: connectTo(environment),
      quietConnection: () => connectTo({ ...environment, AWS_ENDPOINT_URL_REDSHIFT_DATA: warehouse.quietEndpoint }),
      warehouseFile,
      queueArn: queues.queue.arn,
      waiting: () => aws.queues.peek(queues.queue.arn),
      deadLetters: () => aws.queues.peek(queues.deadLetter.arn),
      idle: () => source?.events.idle() ?? Promise.resolve(),
      killBusy: async () => source?.lambda.killBusy(),
      endDeliveries: () => endDeliveries(warehouse, source),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function endDeliveries(
  warehouse: Warehouse,
  source: { events: EventSource; lambda: LambdaFunction } | undefined,
): Promise<void> {
  const ended = source?.events.stop();
  await Promise.race([ended, sleep(GRACE_MS, undefined, { ref: false })]);
  await source?.lambda.killBusy();
  await warehouse.cancelAll();
  await ended;
}

function asPortInUse(port = 0): (error: unknown) => never {
  return (error) => {
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? new PortInUse(port) : error;
  };
}

async function createResources(aws: AwsEndpoint, options: StackOptions): Promise<QueuePair> {
  const { landingBucket, controlBucket } = LOCAL_NAMES;
  aws.store.createBucket(landingBucket);
  aws.store.createBucket(controlBucket);
  const visibilityTimeoutSeconds = timeoutOf(options) * VISIBILITY_TIMEOUTS + (options.windowSeconds ?? 0);
  const deadLetter = aws.queues.create(LOCAL_NAMES.deadLetterQueue, { visibilityTimeoutSeconds });
  const queue = aws.queues.create(LOCAL_NAMES.queue, {
    visibilityTimeoutSeconds,
    deadLetter: { arn: deadLetter.arn, maxReceiveCount: options.maxReceiveCount ?? MAX_RECEIVES },
  });
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
  return { queue, deadLetter };
}

async function startFunction(
  options: StackOptions,
  environment: Readonly<Record<string, string>>,
  queues: QueuePair,
  aws: AwsEndpoint,
): Promise<{ lambda: LambdaFunction; events: EventSource; stop: () => Promise<void> }> {
  const { faults } = options;
  const deployed = await deployedSettings();
  const bundle = await buildBundle({ home: options.home });
  const lambda = new LambdaFunction({
    ...bundle,
    functionName: 'sparkify-loader',
    memoryMegabytes: 512,
    region: LOCAL_NAMES.region,
    environment: {
      ...environmentAs('loader', environment),
      SPARKIFY_RETRY_MOST_SECONDS: String(RETRY_AFTER_SECONDS),
    },
    timeoutSeconds: timeoutOf(options),
    warmProcesses: 1,
    ...(faults ? { nextFault: () => faults('lambda', 'Invoke') } : {}),
    ...(options.onLine ? { onLine: options.onLine } : {}),
  });
  const sqs = new SQSClient(clientSettings(environment, 'AWS_ENDPOINT_URL_SQS'));
  const events = await startEventSource({
    sqs,
    queueUrl: queues.queue.url,
    queueArn: queues.queue.arn,
    region: LOCAL_NAMES.region,
    batchSize: options.batchSize ?? deployed.batchSize,
    maximumBatchingWindowSeconds: options.windowSeconds ?? 1,
    maximumConcurrency: deployed.maximumConcurrency,
    functionTimeoutSeconds: timeoutOf(options),
    retryAfterCrashSeconds: RETRY_AFTER_SECONDS,
    invoke: (event) => lambda.invoke(event),
    waiting: () => aws.queues.waiting(queues.queue.arn),
    ...(options.observer ? { observer: options.observer } : {}),
  });
  const stop = async (): Promise<void> => {
    await events.stop();
    sqs.destroy();
  };
  return { lambda, events, stop };
}

function timeoutOf(options: StackOptions): number {
  return options.timeoutSeconds ?? 300;
}
