import type { ObjectHead } from './objects/object-version.ts';
import type { Codec } from './objects/source.ts';
import type { LoaderError } from './errors.ts';
import type { Statement, Templates } from './sql/statement.ts';
import type { Config } from './config.ts';

/** A row of a result, by column name. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** The result of a transaction, as far as it is known. */
export type TransactionResult =
  /** Committed. `rows` are those of the last statement, if it returns any. `sessionId`: the session it ran in, if it was kept. */
  | { kind: 'committed'; id: string; rows: Row[]; sessionId?: string }
  /** Rolled back: the statement that failed and why, translated. */
  | { kind: 'failed'; id: string; statement: Statement | undefined; error: LoaderError }
  /** A reply was lost. Submitting again with the same token resolves it and runs nothing twice. */
  | { kind: 'unknown'; error: LoaderError };

/**
 * The session of a transaction: a new one, kept for so long after its last statement, or one that was kept. Temporary tables
 * last as long as their session. https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
 */
export type SessionUse = { keepAliveSeconds: number } | { sessionId: string };

/** The warehouse, reached through the Redshift Data API. */
export interface Warehouse {
  /**
   * Runs one statement and returns all its rows.
   * @throws LoaderError
   */
  query(name: string, text: string, parameters: Readonly<Record<string, string>>, deadlineMs: number): Promise<Row[]>;
  /**
   * Runs statements as one transaction. The same `token` never runs twice (for 8 hours).
   * At the deadline (epoch milliseconds) the transaction is cancelled, and the result is a failure with code `deadline`.
   * Without `session` it runs in a session of its own, which ends with it. A session that is gone is an error of code `session`.
   * Never throws a LoaderError: an unknown result is a result too.
   */
  transaction(
    name: string,
    statements: readonly Statement[],
    parameters: Readonly<Record<string, string>>,
    token: string,
    deadlineMs: number,
    session?: SessionUse,
  ): Promise<TransactionResult>;
  /**
   * Runs one statement in a session, within the transaction that BEGIN opened there, if one did. A session that ends takes its
   * open transaction with it. Gives the session's id, a new one's where none is named.
   * @throws LoaderError
   */
  inSession(name: string, text: string, deadlineMs: number, session: SessionUse): Promise<string>;
  /**
   * How the engine's system views know a transaction: the query_id of its last statement and the session_id of its process, each
   * undefined when it has none.
   * @throws LoaderError
   */
  systemIds(transactionId: string): Promise<{ queryId: number | undefined; processId: number | undefined }>;
}

/** One object of a listing. */
export type ListedObject = { bucket: string; key: string; etag: string; sizeBytes: number; lastModifiedMs: number };

/** S3. All methods throw LoaderError. */
export interface ObjectStore {
  /** Writes a small object. */
  put(bucket: string, key: string, body: string | Uint8Array): Promise<void>;
  /** Reads a small text object. */
  get(bucket: string, key: string): Promise<string>;
  head(bucket: string, key: string): Promise<ObjectHead>;
  /** Reads an object of any size as it is stored; the etag, without quotes, is that of what is read. */
  read(bucket: string, key: string): Promise<{ etag: string; body: AsyncIterable<Uint8Array> }>;
  /** The text of the first `bytes` of an object; undefined where it cannot be decompressed here. A `signal` ends the wait. */
  readStart(
    bucket: string,
    key: string,
    codec: Codec,
    bytes: number,
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  /** Every object below a prefix, in key order, a page at a time. */
  list(bucket: string, prefix: string, startAfter?: string): AsyncIterable<ListedObject[]>;
}

/** Structured logging; the fields use the words of the docs. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The loader's metrics; docs/OPERATIONS.md explains them. */
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
  | 'EventsNotSent'
  | 'ObjectsFailedAfterCopy'
  | 'MessagesRefused'
  | 'BytesLoaded'
  | 'RowsMerged'
  | 'RowsRejected'
  | 'KeysInConflict'
  | 'RowsHealed'
  | 'FieldsDrifted'
  | 'FieldsUnread'
  | 'BatchesCommitted'
  | 'BatchesRetried'
  | 'BatchesFailed'
  | 'DeliveriesFailed'
  | 'FreshnessSeconds'
  | 'WarehouseWaitingSeconds'
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

/** Time and randomness, so that tests can control them. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** 0 ≤ x < 1. */
  random(): number;
}

/** A message attribute, as SQS types it. */
export type MessageAttribute = { dataType: string; stringValue?: string; binaryValue?: Uint8Array };

/** A message to send: an id unique within the call, body and attributes. */
export type OutgoingMessage = {
  id: string;
  body: string;
  messageAttributes?: Readonly<Record<string, MessageAttribute>>;
};

/** A received message, with the handle that returns or deletes it. */
export type ReceivedMessage = {
  messageId: string;
  receiptHandle: string;
  body: string;
  /** SQS's own attributes: times and counts. */
  attributes: Readonly<Record<string, string>>;
  /** The sender's attributes. */
  messageAttributes: Readonly<Record<string, MessageAttribute>>;
};

/** An event for an event bus; `detail` is JSON, `timeMs` when it happened, in epoch milliseconds. */
export type OutgoingEvent = { source: string; detailType: string; timeMs: number; detail: string };

/** An event bus of EventBridge. */
export interface EventBus {
  /**
   * Puts up to 10 events on the bus, within `timeoutMs`. Gives for each of them why it was not taken, or undefined if it was.
   * Never throws a LoaderError. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
   */
  put(events: readonly OutgoingEvent[], timeoutMs: number): Promise<(LoaderError | undefined)[]>;
}

/** How full a queue is. SQS's numbers are approximate. */
export type QueueDepth = { waiting: number; inFlight: number; delayed: number };

/** SQS. All methods throw LoaderError. */
export interface Queue {
  /** Sends up to 10 messages; returns the ids the queue did not accept, to be sent again. */
  send(queueUrl: string, messages: readonly OutgoingMessage[]): Promise<string[]>;
  /** Receives up to 10 messages and hides them for the visibility timeout. Empty when none arrived within the wait. */
  receive(
    queueUrl: string,
    options: { waitSeconds: number; visibilityTimeoutSeconds: number },
  ): Promise<ReceivedMessage[]>;
  /** Deletes messages; returns the ids that were not deleted. */
  delete(queueUrl: string, messages: readonly ReceivedMessage[]): Promise<string[]>;
  /**
   * Sets in how many seconds up to 10 received messages become visible again; 0 is at once. Returns how many were not changed,
   * such as those whose visibility timeout has already expired. At most 12 hours after the receive.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
   */
  changeVisibility(queueUrl: string, messages: readonly { receiptHandle: string; seconds: number }[]): Promise<number>;
  depth(queueUrl: string): Promise<QueueDepth>;
}

/** How commands reach AWS. */
export type Connection = {
  config: Config;
  templates: Readonly<Record<'schema' | 'admin' | 'load' | 'report' | 'reconcile' | 'rebuild' | 'doctor', Templates>>;
  warehouse: Warehouse;
  objects: ObjectStore;
  queue: Queue;
  clock: Clock;
};
