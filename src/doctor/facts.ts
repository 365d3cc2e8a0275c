import type { Look } from './finding.ts';

/** Who the credentials belong to, or why they are of no use. */
export type Identity = { account: string; arn: string } | { problem: string };

/** A queue as SQS describes it; times in seconds. */
export type QueueFacts = {
  arn: string;
  visibilitySeconds: number;
  retentionSeconds: number;
  /** Where messages go that were received too often: the ARN of a queue. */
  deadLettersTo?: string;
  policy?: string;
  waiting: number;
};

/** What a bucket tells of its objects, and to whom. */
export type NotificationFacts = {
  queues: { arn: string; events: string[]; prefix: string; suffix: string }[];
  eventBridge: boolean;
};

/** A rule of EventBridge; `pattern` is its event pattern, JSON. */
export type RuleFacts = { name: string; arn: string; enabled: boolean; pattern: string };

/** A bucket that is there; its region is unknown where the service does not say. */
export type BucketFacts = { region: string | undefined };

/** A lifecycle rule by which objects below a prefix expire. */
export type Expiration = { prefix: string; days: number };

/** A warehouse as its control plane describes it: its state in AWS's words, and the ARNs of its roles, which may be part of a longer text. */
export type WarehouseFacts = { state: string; roles: string[] };

/** A function as deployed. */
export type FunctionFacts = {
  runtime: string;
  timeoutSeconds: number;
  lastModified: string;
  state: string;
  environment: Readonly<Record<string, string>>;
};

/** What feeds a function. */
export type MappingFacts = {
  queueArn: string;
  state: string;
  batchSize: number;
  windowSeconds: number;
  maximumConcurrency: number | undefined;
  reportsFailures: boolean;
};

/** An alarm: its full name, its state in AWS's words, its description, and how many places hear of it. */
export type AlarmFacts = { name: string; state: string; description: string; actions: number };

/** Who hears of a topic's messages. */
export type SubscriberFacts = { confirmed: number; pending: number };

/**
 * What doctor sees of a deployment beside its data. Something that is not there is undefined. Nothing here changes anything, but
 * for `remove`.
 */
export interface ControlPlane {
  /** Whether it is the local stack that is looked at. */
  isLocal: boolean;
  identity(): Promise<Look<Identity>>;
  queue(url: string): Promise<Look<QueueFacts | undefined>>;
  notifications(bucket: string): Promise<Look<NotificationFacts>>;
  /** The rules that send to a queue. */
  rules(queueArn: string): Promise<Look<RuleFacts[]>>;
  /** Whether an event bus is there. */
  eventBus(name: string): Promise<Look<true | undefined>>;
  bucket(name: string): Promise<Look<BucketFacts | undefined>>;
  expirations(bucket: string): Promise<Look<Expiration[]>>;
  /** By name, or by the ARN that the Data API takes for one. */
  workgroup(name: string): Promise<Look<WarehouseFacts | undefined>>;
  cluster(identifier: string): Promise<Look<WarehouseFacts | undefined>>;
  function(name: string): Promise<Look<FunctionFacts | undefined>>;
  mappings(functionName: string): Promise<Look<MappingFacts[]>>;
  /** How often a function failed within a day. */
  errors(functionName: string): Promise<Look<number>>;
  alarms(prefix: string): Promise<Look<AlarmFacts[]>>;
  subscribers(topicArn: string): Promise<Look<SubscriberFacts>>;
  /** Removes an object. @throws LoaderError */
  remove(bucket: string, key: string): Promise<void>;
}
