import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings, environmentAs, LOCAL_NAMES } from './connect.ts';
import { startControlPlane } from './control-plane.ts';
import type { AwsEndpoint } from './endpoint.ts';
import type { FaultSource } from './faults/plan.ts';
import { buildBundle } from './lambda/bundle.ts';
import { deployedSettings } from './lambda/deployed-settings.ts';
import { EventSourceMapping } from './lambda/event-source-mapping.ts';
import { startEventSource, type EventSourceObserver } from './lambda/event-source.ts';
import { LambdaFunction } from './lambda/function.ts';
import { scheduleResume } from './lambda/resume.ts';
import { waitingKey } from '../waiting/waiting.ts';
import type { QueuePair } from './stack-environment.ts';

/** What runs deliveries: the loader, what feeds it, and what switches that off and on. */
export type LocalFunctions = {
  /** Where the control plane is, for clients. */
  environment: Readonly<Record<string, string>>;
  /** The id of what feeds the loader. */
  eventSource: string;
  /** See Stack. */
  idle: () => Promise<void>;
  /** Kills the processes that are busy, as a failing machine would. */
  killBusy: () => Promise<void>;
  /** Waits for running deliveries and lets no other begin. */
  endDeliveries: () => Promise<void>;
  stop: () => Promise<void>;
};

/** What is needed of the stack's options. */
type Options = {
  home: string;
  timeoutSeconds: number;
  batchSize?: number;
  warmProcesses?: number;
  windowSeconds?: number;
  faults?: FaultSource;
  observer?: EventSourceObserver;
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
};

const LOADER = 'sparkify-loader';
/** Locally a failed message is retried soon, and a warehouse asked; nobody wants to wait on a laptop. */
const RETRY_AFTER_SECONDS = 1;
const PATIENCE = { SPARKIFY_RETRY_MOST_SECONDS: String(RETRY_AFTER_SECONDS) };
/** Nobody waits longer than this for a warehouse that is waited for. */
const LONGEST_WAIT_MS = 60_000;
const CHECK_MS = 100;

/** Starts the functions, and Lambda's and the warehouse's control plane. `environment` is that of the loader. */
export async function startFunctions(
  options: Options,
  environment: Readonly<Record<string, string>>,
  queues: QueuePair,
  aws: AwsEndpoint,
): Promise<LocalFunctions> {
  const { faults = (): undefined => undefined, onLine, home } = options;
  const lambda = await startLoader(options, environment);
  const sqs = new SQSClient(clientSettings(environment, 'AWS_ENDPOINT_URL_SQS'));
  const mapping = new EventSourceMapping(await eventSource(options, sqs, queues, lambda, aws), (error) => {
    onLine?.(`what feeds the loader could not be switched: ${String(error)}`, 'stderr');
  });
  await mapping.start();
  const plane = await startControlPlane({
    region: LOCAL_NAMES.region,
    workgroup: LOCAL_NAMES.workgroup,
    roles: [LOCAL_NAMES.copyRole],
    queueArn: queues.queue.arn,
    functionName: LOADER,
    mapping,
    invoke: (event) => lambda.invoke(event),
    faults,
    killCaller: () => void killBusy(),
  });
  const endpoints = { AWS_ENDPOINT_URL_LAMBDA: plane.url, AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS: plane.url };
  const settings = { SPARKIFY_LOADER_FUNCTION: LOADER, SPARKIFY_EVENT_SOURCE: mapping.uuid };
  const resume = scheduleResume({
    home,
    region: LOCAL_NAMES.region,
    environment: environmentAs('resume', { ...PATIENCE, ...environment, ...endpoints, ...settings }),
    store: aws.store,
    waiting: { bucket: LOCAL_NAMES.controlBucket, key: waitingKey(LOCAL_NAMES.controlPrefix) },
    ...(onLine ? { onLine } : {}),
  });
  const killBusy = async (): Promise<void> => {
    await Promise.all([lambda.killBusy(), resume.killBusy()]);
  };
  let isEnding = false;
  const endDeliveries = async (): Promise<void> => {
    isEnding = true;
    await resume.stop();
    await mapping.stop();
  };
  return {
    environment: endpoints,
    eventSource: mapping.uuid,
    idle: async () => {
      const untilMs = Date.now() + LONGEST_WAIT_MS;
      for (;;) {
        await mapping.idle();
        const isWaited = resume.isWaiting() || mapping.state !== 'Enabled';
        if (isEnding || !isWaited || Date.now() >= untilMs) return;
        await sleep(CHECK_MS);
      }
    },
    killBusy,
    endDeliveries,
    stop: async () => {
      await endDeliveries();
      sqs.destroy();
      await lambda.stop();
      await plane.stop();
    },
  };
}

async function startLoader(
  { home, timeoutSeconds, warmProcesses = 1, faults, onLine }: Options,
  environment: Readonly<Record<string, string>>,
): Promise<LambdaFunction> {
  return new LambdaFunction({
    ...(await buildBundle({ home })),
    functionName: LOADER,
    memoryMegabytes: 512,
    region: LOCAL_NAMES.region,
    environment: environmentAs('loader', { ...PATIENCE, ...environment }),
    timeoutSeconds,
    warmProcesses,
    ...(faults ? { nextFault: () => faults('lambda', 'Invoke') } : {}),
    ...(onLine ? { onLine } : {}),
  });
}

/** How the event source is started, each time it is switched on. */
async function eventSource(
  options: Options,
  sqs: SQSClient,
  { queue }: QueuePair,
  lambda: LambdaFunction,
  aws: AwsEndpoint,
): Promise<() => ReturnType<typeof startEventSource>> {
  const deployed = await deployedSettings();
  return () =>
    startEventSource({
      sqs,
      queueUrl: queue.url,
      queueArn: queue.arn,
      region: LOCAL_NAMES.region,
      batchSize: options.batchSize ?? deployed.batchSize,
      maximumBatchingWindowSeconds: options.windowSeconds ?? 1,
      maximumConcurrency: deployed.maximumConcurrency,
      functionTimeoutSeconds: options.timeoutSeconds,
      retryAfterCrashSeconds: RETRY_AFTER_SECONDS,
      invoke: (event) => lambda.invoke(event),
      waiting: () => aws.queues.waiting(queue.arn),
      ...(options.observer ? { observer: options.observer } : {}),
    });
}
