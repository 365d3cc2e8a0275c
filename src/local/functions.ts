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
import type { QueueAddress } from './sqs/queues.ts';
import { scheduleResume } from './lambda/resume.ts';
import { waitingKey } from '../waiting/waiting.ts';
import type { StackQueues } from './stack-environment.ts';

/** What runs deliveries: the loader, what feeds it, and what switches that off and on. */
export type LocalFunctions = {
  /** Where the control plane is, for clients. */
  environment: Readonly<Record<string, string>>;
  /** The ids of what feeds the loader, from the queue of notifications and from that of replays. */
  eventSources: readonly string[];
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
  queues: StackQueues,
  aws: AwsEndpoint,
): Promise<LocalFunctions> {
  const { faults = (): undefined => undefined, onLine, home } = options;
  const lambda = await startLoader(options, environment);
  const sqs = new SQSClient(clientSettings(environment, 'AWS_ENDPOINT_URL_SQS'));
  const mappings = await startMappings(options, sqs, queues, lambda, aws);
  const [live, replays] = mappings;
  const plane = await startControlPlane({
    region: LOCAL_NAMES.region,
    workgroup: LOCAL_NAMES.workgroup,
    roles: [LOCAL_NAMES.copyRole],
    functionName: LOADER,
    mappings,
    invoke: (event) => lambda.invoke(event),
    faults,
    killCaller: () => void killBusy(),
  });
  const endpoints = { AWS_ENDPOINT_URL_LAMBDA: plane.url, AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS: plane.url };
  const settings = {
    SPARKIFY_LOADER_FUNCTION: LOADER,
    SPARKIFY_EVENT_SOURCE: live.uuid,
    SPARKIFY_REPLAY_EVENT_SOURCE: replays.uuid,
  };
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
    await Promise.all(mappings.map((mapping) => mapping.stop()));
  };
  return {
    environment: endpoints,
    eventSources: mappings.map(({ uuid }) => uuid),
    idle: async () => {
      const untilMs = Date.now() + LONGEST_WAIT_MS;
      for (;;) {
        await Promise.all(mappings.map((mapping) => mapping.idle()));
        const isWaited = resume.isWaiting() || mappings.some(({ state }) => state !== 'Enabled');
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

/** What feeds the loader, from the queue of notifications and from that of replays. */
async function startMappings(
  options: Options,
  sqs: SQSClient,
  { queue, replayQueue }: StackQueues,
  lambda: LambdaFunction,
  aws: AwsEndpoint,
): Promise<[live: EventSourceMapping, replays: EventSourceMapping]> {
  const { replayWindowSeconds, ...deployed } = await deployedSettings();
  const windowSeconds = options.windowSeconds ?? 1;
  const start = async (
    { url, arn }: QueueAddress,
    maximumBatchingWindowSeconds: number,
  ): Promise<EventSourceMapping> => {
    const settings = { ...deployed, maximumBatchingWindowSeconds, functionTimeoutSeconds: options.timeoutSeconds };
    const mapping = new EventSourceMapping(
      arn,
      () =>
        startEventSource({
          ...settings,
          ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }),
          sqs,
          queueUrl: url,
          queueArn: arn,
          region: LOCAL_NAMES.region,
          retryAfterCrashSeconds: RETRY_AFTER_SECONDS,
          invoke: (event) => lambda.invoke(event),
          waiting: () => aws.queues.waiting(arn),
          ...(options.observer ? { observer: options.observer } : {}),
        }),
      (error) => {
        options.onLine?.(`what feeds the loader could not be switched: ${String(error)}`, 'stderr');
      },
    );
    await mapping.start();
    return mapping;
  };
  return [await start(queue, windowSeconds), await start(replayQueue, Math.min(windowSeconds, replayWindowSeconds))];
}
