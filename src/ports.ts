import type { ObjectHead } from './objects/object-version.ts';
import type { Codec } from './objects/source.ts';
import type { LoaderError } from './errors.ts';
import type { Statement, Templates } from './sql/statement.ts';
import type { Config } from './config.ts';

/** A row of a result, by column name. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What became of a transaction, as far as can be known. */
export type TransactionResult =
  /** Committed. `rows` are those of the last statement, if it gives any. */
  | { kind: 'committed'; id: string; rows: Row[] }
  /** Rolled back: the statement that failed and why, translated. */
  | { kind: 'failed'; id: string; statement: Statement | undefined; error: LoaderError }
  /** A reply was lost. Asking again with the same token tells, and runs nothing twice. */
  | { kind: 'unknown'; error: LoaderError };

/** The warehouse, by the Redshift Data API. */
export interface Warehouse {
  /**
   * Runs one statement and gives its rows, all of them.
   * @throws LoaderError
   */
  query(name: string, text: string, parameters: Readonly<Record<string, string>>, deadlineMs: number): Promise<Row[]>;
  /**
   * Runs statements as one transaction. The same `token` never runs twice (for 8 hours).
   * At the deadline (epoch milliseconds) the transaction is cancelled, and the result is a failure with code `deadline`.
   * Never throws a LoaderError: what cannot be known is a result too.
   */
  transaction(
    name: string,
    statements: readonly Statement[],
    parameters: Readonly<Record<string, string>>,
    token: string,
    deadlineMs: number,
  ): Promise<TransactionResult>;
  /**
   * The engine's own id of the last statement of a transaction, by which its system views know it; undefined when it has none.
   * @throws LoaderError
   */
  lastQueryId(transactionId: string): Promise<number | undefined>;
}

/** One object of a listing. */
export type ListedObject = { bucket: string; key: string; etag: string; sizeBytes: number; lastModifiedMs: number };

/** S3. All methods throw LoaderError. */
export interface ObjectStore {
  /** Writes a small text object. */
  put(bucket: string, key: string, body: string): Promise<void>;
  /** Reads a small text object. */
  get(bucket: string, key: string): Promise<string>;
  head(bucket: string, key: string): Promise<ObjectHead>;
  /** The text that the first so many bytes of an object hold; undefined where it cannot be unpacked here. */
  readStart(bucket: string, key: string, codec: Codec, bytes: number): Promise<string | undefined>;
  /** Every object below a prefix, in the order of keys, a page at a time. */
  list(bucket: string, prefix: string, startAfter?: string): AsyncIterable<ListedObject[]>;
}

/** Structured logging; the fields use the words of the docs. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What is counted and measured. */
export type MetricName =
  | 'ObjectsSeen'
  | 'ObjectsLoaded'
  | 'ObjectsAlreadyLoaded'
  | 'ObjectsSuperseded'
  | 'ObjectsIgnored'
  | 'ObjectsQuarantined'
  | 'ObjectsVanished'
  | 'ObjectsStillQuarantined'
  | 'ObjectsStillVanished'
  | 'ObjectsReturned'
  | 'ObjectsFailedAfterCopy'
  | 'MessagesRefused'
  | 'BytesLoaded'
  | 'RowsMerged'
  | 'RowsRejected'
  | 'KeysInConflict'
  | 'RowsHealed'
  | 'BatchesCommitted'
  | 'BatchesRetried'
  | 'BatchesFailed'
  | 'DeliveriesFailed'
  | 'FreshnessSeconds'
  | 'ReconcileListed'
  | 'ReconcileMissing'
  | 'ReconcileChanged'
  | 'ReconcileQuarantined'
  | 'ReconcileVanished'
  | 'ReconcileOrphaned'
  | 'ReconcileSent'
  | 'ReconcileCompleted';

/** Metrics. A name may be added many times; each is a value of its own. */
export interface Meter {
  count(name: MetricName, value: number): void;
  seconds(name: MetricName, value: number): void;
}

/** The clock and the dice, so that tests can hold them. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** 0 ≤ x < 1. */
  random(): number;
}

/** An attribute that a sender put beside a message's body, as SQS types it. */
export type MessageAttribute = { dataType: string; stringValue?: string; binaryValue?: Uint8Array };

/** A message to be sent: an id unique in its call, the body, and what goes beside it. */
export type OutgoingMessage = {
  id: string;
  body: string;
  messageAttributes?: Readonly<Record<string, MessageAttribute>>;
};

/** A message received, and what gives it back or removes it. */
export type ReceivedMessage = {
  messageId: string;
  receiptHandle: string;
  body: string;
  /** SQS's own: times and counts. */
  attributes: Readonly<Record<string, string>>;
  /** The sender's. */
  messageAttributes: Readonly<Record<string, MessageAttribute>>;
};

/** How full a queue is. SQS calls these numbers approximate, and they are. */
export type QueueDepth = { waiting: number; inFlight: number; delayed: number };

/** SQS. All methods throw LoaderError. */
export interface Queue {
  /** Sends up to 10 messages; gives the ids of those the queue did not take, to be sent again. */
  send(queueUrl: string, messages: readonly OutgoingMessage[]): Promise<string[]>;
  /** Receives up to 10 messages and hides them for a while. Empty when none came within the wait. */
  receive(
    queueUrl: string,
    options: { waitSeconds: number; visibilityTimeoutSeconds: number },
  ): Promise<ReceivedMessage[]>;
  /** Deletes messages; gives the ids that were not deleted. */
  delete(queueUrl: string, messages: readonly ReceivedMessage[]): Promise<string[]>;
  /** Lets up to 10 received messages be seen again at once. One whose time to be hidden is over already is left as it is. */
  changeVisibility(queueUrl: string, messages: readonly ReceivedMessage[]): Promise<void>;
  depth(queueUrl: string): Promise<QueueDepth>;
}

/** What commands reach AWS with. */
export type Connection = {
  config: Config;
  templates: { schema: Templates; admin: Templates; load: Templates; report: Templates };
  warehouse: Warehouse;
  objects: ObjectStore;
  queue: Queue;
  clock: Clock;
};
