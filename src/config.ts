import * as v from 'valibot';
import { placeSources, type Landing, type Source } from './objects/source.ts';
import { LoaderError } from './errors.ts';
import type { WarehouseNames } from './sql/statement.ts';

/** Where the warehouse is and who to log in as. */
export type WarehouseAddress = {
  database: string;
  workgroup?: string;
  cluster?: string;
  /** For a provisioned cluster only. */
  dbUser?: string;
  secretArn?: string;
};

/** All configuration of the loader and the commands. */
export type Config = {
  landing: Landing;
  /** Where manifests and ledger rows are written. Never a bucket and prefix that notifies. */
  control: { bucket: string; prefix: string };
  warehouse: WarehouseAddress;
  names: WarehouseNames;
  limits: BatchLimits;
  /** Whether MERGE carries the literal range of its rows, which spares it the rest of the table. */
  mergeBounds: boolean;
  /** Absent where nothing is received or sent. Notifications come by the first, replays by the second. */
  queueUrl?: string;
  replayQueueUrl?: string;
  dlqUrl?: string;
  /** Where committed batches are announced, and as whose; absent where they are not. */
  events?: { bus: string; service: string };
  /** Time reserved at the end of an invocation for cancelling, returning messages and replying. */
  reserveSeconds: number;
  /** The most a message that was not loaded is hidden. */
  retryMostSeconds: number;
};

/** The limits of one batch. */
export type BatchLimits = { maxObjects: number; maxBytes: number; maxGroups: number };

/**
 * The limits of a batch unless the environment sets others. One COPY per source and codec, one manifest per COPY: four groups
 * keep a batch within 12 AWS calls.
 */
export const DEFAULT_LIMITS: BatchLimits = { maxObjects: 5000, maxBytes: 1024 ** 3, maxGroups: 4 };
export const DEFAULT_RESERVE_SECONDS = 10;
/**
 * The most a message is hidden. Received once an hour for the 14 days that a queue keeps it, it stays below the queue's
 * `maxReceiveCount`, which is only there for a function that dies before it can return anything.
 */
export const DEFAULT_RETRY_MOST_SECONDS = 3600;

const text = v.pipe(v.string(), v.trim(), v.minLength(1, 'is empty'));
const whole = v.pipe(
  v.string(),
  v.regex(/^\d+$/, 'is not a whole number'),
  v.transform(Number),
  v.minValue(1, 'is less than 1'),
);

const environment = v.pipe(
  v.object({
    AWS_REGION: text,
    SPARKIFY_LANDING_BUCKETS: v.pipe(
      text,
      v.transform((list) => list.split(',').map((name) => name.trim())),
      v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'contains an invalid bucket name'))),
    ),
    SPARKIFY_PREFIXES: v.optional(v.string(), ''),
    SPARKIFY_CONTROL_BUCKET: text,
    SPARKIFY_CONTROL_PREFIX: v.optional(
      v.pipe(v.string(), v.regex(/^([A-Za-z0-9_-]+\/)+$/, 'must look like name/')),
      'loads/',
    ),
    SPARKIFY_DATABASE: text,
    SPARKIFY_WORKGROUP: v.optional(text),
    SPARKIFY_CLUSTER: v.optional(text),
    SPARKIFY_DB_USER: v.optional(text),
    SPARKIFY_SECRET_ARN: v.optional(text),
    SPARKIFY_SCHEMA: v.optional(
      v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,126}$/, 'is not a lower-case identifier')),
      'sparkify',
    ),
    SPARKIFY_COPY_ROLE_ARN: v.pipe(
      v.string(),
      v.regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'is not the ARN of an IAM role'),
    ),
    SPARKIFY_QUEUE_URL: v.optional(text),
    SPARKIFY_REPLAY_QUEUE_URL: v.optional(text),
    SPARKIFY_DLQ_URL: v.optional(text),
    SPARKIFY_EVENT_BUS: v.optional(text),
    POWERTOOLS_SERVICE_NAME: v.optional(text, 'sparkify'),
    SPARKIFY_BATCH_OBJECTS: v.optional(whole, String(DEFAULT_LIMITS.maxObjects)),
    SPARKIFY_BATCH_BYTES: v.optional(whole, String(DEFAULT_LIMITS.maxBytes)),
    SPARKIFY_MERGE_BOUNDS: v.optional(v.picklist(['true', 'false'], 'is neither true nor false'), 'true'),
    SPARKIFY_RETRY_MOST_SECONDS: v.optional(whole, String(DEFAULT_RETRY_MOST_SECONDS)),
    SPARKIFY_RESERVE_SECONDS: v.optional(whole, String(DEFAULT_RESERVE_SECONDS)),
  }),
  v.forward(
    // Checked even when other variables are wrong, so that all problems are reported at once.
    v.partialCheck(
      [['SPARKIFY_WORKGROUP'], ['SPARKIFY_CLUSTER']],
      (env) => (env.SPARKIFY_WORKGROUP === undefined) !== (env.SPARKIFY_CLUSTER === undefined),
      'or SPARKIFY_CLUSTER must be set, but not both',
    ),
    ['SPARKIFY_WORKGROUP'],
  ),
);

/**
 * Reads the configuration from environment variables; docs/OPERATIONS.md lists them. `released` are the sources of this release.
 * @throws LoaderError (`usage`) that names every problem, not only the first.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, released: readonly Source[]): Config {
  const parsed = v.safeParse(environment, env);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => {
      const name = v.getDotPath(issue)?.split('.')[0] ?? 'the environment';
      return `${name} ${env[name] === undefined && issue.expected !== null ? 'is not set' : issue.message}`;
    });
    throw misconfigured([...new Set(problems)]);
  }
  const e = parsed.output;
  const { sources, problems } = placeSources(released, e.SPARKIFY_PREFIXES);
  const control = { bucket: e.SPARKIFY_CONTROL_BUCKET, prefix: e.SPARKIFY_CONTROL_PREFIX };
  if (problems.length > 0) throw misconfigured(problems.map((problem) => `SPARKIFY_PREFIXES ${problem}`));
  // Manifests below a source's prefix would notify the loader in an endless loop.
  const around = sources.filter(({ prefix }) => control.prefix.startsWith(prefix));
  if (e.SPARKIFY_LANDING_BUCKETS.includes(control.bucket) && around.length > 0) {
    throw misconfigured(
      around.map(({ name }) => `SPARKIFY_CONTROL_PREFIX lies below that of ${name} in a landing bucket`),
    );
  }
  return {
    landing: { buckets: e.SPARKIFY_LANDING_BUCKETS, sources },
    control,
    warehouse: {
      database: e.SPARKIFY_DATABASE,
      ...(e.SPARKIFY_WORKGROUP === undefined ? {} : { workgroup: e.SPARKIFY_WORKGROUP }),
      ...(e.SPARKIFY_CLUSTER === undefined ? {} : { cluster: e.SPARKIFY_CLUSTER }),
      ...(e.SPARKIFY_DB_USER === undefined ? {} : { dbUser: e.SPARKIFY_DB_USER }),
      ...(e.SPARKIFY_SECRET_ARN === undefined ? {} : { secretArn: e.SPARKIFY_SECRET_ARN }),
    },
    names: { schema: e.SPARKIFY_SCHEMA, copyRole: e.SPARKIFY_COPY_ROLE_ARN, region: e.AWS_REGION },
    limits: {
      maxObjects: e.SPARKIFY_BATCH_OBJECTS,
      maxBytes: e.SPARKIFY_BATCH_BYTES,
      maxGroups: DEFAULT_LIMITS.maxGroups,
    },
    mergeBounds: e.SPARKIFY_MERGE_BOUNDS === 'true',
    ...(e.SPARKIFY_QUEUE_URL === undefined ? {} : { queueUrl: e.SPARKIFY_QUEUE_URL }),
    ...(e.SPARKIFY_REPLAY_QUEUE_URL === undefined ? {} : { replayQueueUrl: e.SPARKIFY_REPLAY_QUEUE_URL }),
    ...(e.SPARKIFY_DLQ_URL === undefined ? {} : { dlqUrl: e.SPARKIFY_DLQ_URL }),
    ...(e.SPARKIFY_EVENT_BUS === undefined
      ? {}
      : { events: { bus: e.SPARKIFY_EVENT_BUS, service: e.POWERTOOLS_SERVICE_NAME } }),
    reserveSeconds: e.SPARKIFY_RESERVE_SECONDS,
    retryMostSeconds: e.SPARKIFY_RETRY_MOST_SECONDS,
  };
}

/** The URLs of the queues. */
export type QueueUrls = { queueUrl: string; replayQueueUrl: string; dlqUrl: string };

/** The queues of notifications, of replays and of dead letters. @throws LoaderError (`usage`) when one is not set. */
export function queuesOf({ queueUrl, replayQueueUrl, dlqUrl }: Config): QueueUrls {
  if (queueUrl !== undefined && replayQueueUrl !== undefined && dlqUrl !== undefined)
    return { queueUrl, replayQueueUrl, dlqUrl };
  const missing = {
    SPARKIFY_QUEUE_URL: queueUrl,
    SPARKIFY_REPLAY_QUEUE_URL: replayQueueUrl,
    SPARKIFY_DLQ_URL: dlqUrl,
  };
  throw misconfigured(
    Object.entries(missing).flatMap(([name, url]) => (url === undefined ? [`${name} is not set`] : [])),
  );
}

function misconfigured(problems: readonly string[]): LoaderError {
  return new LoaderError(
    'usage',
    `The configuration has ${problems.length === 1 ? 'a problem' : 'problems'}: ${problems.join('; ')}.`,
    'Set these environment variables, or run against the local stack with: npm start',
  );
}
