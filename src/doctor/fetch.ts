import { nameOf, NO_STAGE, type Deployment } from './deployment.ts';
import type {
  AlarmFacts,
  BucketFacts,
  ControlPlane,
  Expiration,
  FunctionFacts,
  MappingFacts,
  NotificationFacts,
  QueueFacts,
  RuleFacts,
  SubscriberFacts,
  WarehouseFacts,
} from './facts.ts';
import { seenOf, type Look } from './finding.ts';
import { FUNCTION_NAMES, type FunctionName } from './functions.ts';
import type { Connection } from '../ports.ts';

/** Everything that was seen of a deployment beside its data. */
export type Facts = {
  /** Undefined where no URL is configured. */
  queue: Look<QueueFacts | undefined> | undefined;
  replayQueue: Look<QueueFacts | undefined> | undefined;
  deadLetters: Look<QueueFacts | undefined> | undefined;
  rules: Look<RuleFacts[]>;
  landing: {
    bucket: string;
    bucketFacts: Look<BucketFacts | undefined>;
    notifications: Look<NotificationFacts>;
  }[];
  control: Look<BucketFacts | undefined>;
  /** Undefined where committed batches are not announced. */
  eventBus: Look<true | undefined> | undefined;
  expirations: Look<Expiration[]>;
  warehouse: Look<WarehouseFacts | undefined>;
  functions: Record<FunctionName, Look<FunctionFacts | undefined>>;
  errors: Record<FunctionName, Look<number>>;
  mappings: Look<MappingFacts[]>;
  alarms: Look<AlarmFacts[]>;
  /** Undefined where no topic is known. */
  subscribers: Look<SubscriberFacts> | undefined;
};

/** Asks AWS all of it at once. */
export async function readFacts(
  plane: ControlPlane,
  { connection, deployment }: { connection: Connection; deployment: Deployment },
): Promise<Facts> {
  const { config } = connection;
  const { queueUrl, replayQueueUrl, dlqUrl, control } = config;
  const queue = queueUrl === undefined ? undefined : plane.queue(queueUrl);
  const [ofFunctions, landing, ...others] = await Promise.all([
    readFunctions(plane, deployment),
    Promise.all(
      config.landing.buckets.map(async (bucket) => {
        const [bucketFacts, notifications] = await Promise.all([plane.bucket(bucket), plane.notifications(bucket)]);
        return { bucket, bucketFacts, notifications };
      }),
    ),
    queue,
    replayQueueUrl === undefined ? undefined : plane.queue(replayQueueUrl),
    dlqUrl === undefined ? undefined : plane.queue(dlqUrl),
    queue?.then((look) => readRules(plane, look)),
    plane.bucket(control.bucket),
    plane.expirations(control.bucket),
    readWarehouse(plane, connection),
    config.events && plane.eventBus(config.events.bus),
  ]);
  const [
    seenQueue,
    replayQueue,
    deadLetters,
    rules = { unseen: NO_QUEUE },
    controlBucket,
    expirations,
    warehouse,
    eventBus,
  ] = others;
  return {
    ...ofFunctions,
    queue: seenQueue,
    replayQueue,
    deadLetters,
    rules,
    landing,
    control: controlBucket,
    expirations,
    warehouse,
    eventBus,
  };
}

const NO_QUEUE = 'there is no queue that they could send to';

function readRules(plane: ControlPlane, look: Look<QueueFacts | undefined>): Promise<Look<RuleFacts[]>> {
  const queue = seenOf(look);
  return queue === undefined ? Promise.resolve({ unseen: NO_QUEUE }) : plane.rules(queue.arn);
}

function readWarehouse(plane: ControlPlane, { config }: Connection): Promise<Look<WarehouseFacts | undefined>> {
  const { cluster, workgroup = '' } = config.warehouse;
  return cluster === undefined ? plane.workgroup(workgroup) : plane.cluster(cluster);
}

type OfFunctions = Pick<Facts, 'functions' | 'errors' | 'mappings' | 'alarms' | 'subscribers'>;

/** What only a stage has, because only its names are known. */
async function readFunctions(plane: ControlPlane, { stage, outputs }: Deployment): Promise<OfFunctions> {
  if (stage === undefined) {
    const none = { unseen: NO_STAGE };
    const each = { loader: none, reconcile: none, resume: none };
    return { functions: each, errors: each, mappings: none, alarms: none, subscribers: undefined };
  }
  const topic = outputs.AlarmTopic;
  const [functions, errors, mappings, alarms, subscribers] = await Promise.all([
    ofEach((name) => plane.function(nameOf(name, stage))),
    ofEach((name) => plane.errors(nameOf(name, stage))),
    plane.mappings(nameOf('loader', stage)),
    plane.alarms(nameOf('', stage)),
    topic === undefined ? undefined : plane.subscribers(topic),
  ]);
  return { functions, errors, mappings, alarms, subscribers };
}

async function ofEach<T>(ask: (name: FunctionName) => Promise<T>): Promise<Record<FunctionName, T>> {
  const answers = await Promise.all(FUNCTION_NAMES.map(async (name) => [name, await ask(name)] as const));
  return Object.fromEntries(answers) as Record<FunctionName, T>;
}
