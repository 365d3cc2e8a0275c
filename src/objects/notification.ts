import * as v from 'valibot';
import { decodeKey, type ObjectVersion } from './object-version.ts';

/** One S3 event inside a message. */
export type Notification =
  | { kind: 'created'; object: ObjectVersion }
  /** Nothing to load, but it may end a quarantine of this key. */
  | { kind: 'removed'; object: ObjectVersion }
  /** Valid, with nothing to load: a test event, or another kind of event. */
  | { kind: 'ignored'; reason: string };

/** What a message body turns out to be. `malformed` fails its own message only. */
export type ParsedMessage =
  { kind: 'notifications'; notifications: Notification[] } | { kind: 'malformed'; reason: string };

/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

/** Whether a text takes more bytes in UTF-8. Most are so short that they need not be encoded to tell. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * BYTES_PER_CHARACTER > bytes && Buffer.byteLength(text) > bytes;
}

function withinBytes(bytes: number) {
  return v.check((text: string) => !isLonger(text, bytes), `is longer than ${bytes} bytes`);
}

/** S3 gives milliseconds, EventBridge whole seconds. */
const eventTime = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((time) => ({ eventTimeMs: Date.parse(time), wholeSeconds: !time.includes('.') })),
  // Date.parse gives NaN for some well-formed ISO 8601, such as a zone in hours only.
  v.check(({ eventTimeMs }) => Number.isFinite(eventTimeMs), 'Invalid timestamp'),
);

// S3's own limits, which are also the widths of the ledger's columns: a longer, forged field fails its message and not the batch.
const bucketName = v.pipe(v.string(), v.minLength(1), withinBytes(255));
const objectKey = v.pipe(v.string(), v.minLength(1));
const etag = v.optional(v.pipe(v.string(), withinBytes(128)));
const versionId = v.nullish(v.pipe(v.string(), withinBytes(1024)));
const sequencer = v.nullish(v.pipe(v.string(), v.hexadecimal(), v.maxLength(64)));
const size = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)));

// Only what the loader uses is required; every other field may be missing, renamed or new.
const namedRecord = v.object({ eventName: v.string() });
const s3Record = v.object({
  ...namedRecord.entries,
  eventTime,
  s3: v.object({
    bucket: v.object({ name: bucketName }),
    object: v.object({
      key: objectKey,
      size,
      eTag: etag,
      versionId,
      sequencer,
    }),
  }),
});
const s3Event = v.object({
  Records: v.array(v.unknown()),
  replay: v.optional(v.picklist(['ifNew', 'release', 'reload'])),
});
const testEvent = v.object({ Event: v.literal('s3:TestEvent') });
const snsEnvelope = v.object({ Type: v.literal('Notification'), Message: v.string() });
const snsHandshake = v.object({
  Type: v.picklist(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  TopicArn: v.optional(v.string()),
});
/** What an EventBridge input transformer typically leaves of an event. */
const transformed = v.union([
  v.string(),
  v.object({ key: v.string() }),
  v.object({ bucket: v.unknown(), object: v.unknown() }),
]);
const namedBridged = v.object({ source: v.literal('aws.s3'), 'detail-type': v.string() });
const eventBridgeEvent = v.object({
  time: eventTime,
  detail: v.object({
    bucket: v.object({ name: bucketName }),
    object: v.object({
      key: objectKey,
      size,
      etag,
      'version-id': versionId,
      sequencer,
    }),
  }),
});

const malformed = (reason: string): ParsedMessage => ({ kind: 'malformed', reason });
const ignored = (reason: string): ParsedMessage => ({
  kind: 'notifications',
  notifications: [{ kind: 'ignored', reason }],
});

/**
 * Reads one SQS message body: an S3 event, the same inside an SNS envelope, an EventBridge event, or a replay, which is an S3
 * event with a `replay` field. Never throws.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function parseMessage(body: string): ParsedMessage {
  const outer = parseJson(body);
  if (outer === undefined) return malformed('the body is not JSON');
  if (!v.is(snsEnvelope, outer)) return parseEvent(outer);
  const inner = parseJson(outer.Message);
  return inner === undefined ? malformed('the Message of the SNS envelope is not JSON') : parseEvent(inner);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Undefined means that the text is not JSON; no JSON text parses to undefined.
    return undefined;
  }
}

function parseEvent(event: unknown): ParsedMessage {
  if (v.is(testEvent, event)) return ignored('s3:TestEvent');
  const s3 = v.safeParse(s3Event, event);
  if (s3.success) return parseRecords(s3.output.Records, s3.output.replay);
  if (v.is(namedBridged, event)) return parseBridged(event['detail-type'], event);
  if (v.is(snsHandshake, event)) {
    const topic = event.TopicArn ?? 'an unnamed topic';
    return malformed(`SNS sent a ${event.Type} for ${topic}: someone must open its URL, or remove the subscription`);
  }
  if (v.is(transformed, event)) {
    return malformed(
      'only part of an event: remove the input transformer from the EventBridge rule, which must pass events unchanged',
    );
  }
  return malformed('not an S3 event, an SNS envelope around one, or an S3 event from EventBridge');
}

/** The events that matter to the loader; all others are ignored, whatever they look like. */
const EVENT_KINDS: readonly (readonly [pattern: RegExp, kind: 'created' | 'restored' | 'removed'])[] = [
  [/^ObjectCreated:|^Object Created$/, 'created'],
  // An object that was quarantined because it was archived can be read again.
  [/^ObjectRestore:Completed$|^Object Restore Completed$/, 'restored'],
  [/^ObjectRemoved:|^LifecycleExpiration:|^Object Deleted$/, 'removed'],
];

function kindOf(eventName: string): 'created' | 'restored' | 'removed' | undefined {
  // eventName has no 's3:' prefix in messages today; older and home-made ones carry it.
  const name = eventName.replace(/^s3:/, '');
  return EVENT_KINDS.find(([pattern]) => pattern.test(name))?.[1];
}

function parseRecords(records: unknown[], replay: ObjectVersion['replayMode'] | undefined): ParsedMessage {
  const notifications: Notification[] = [];
  for (const [index, record] of records.entries()) {
    const whole = v.safeParse(s3Record, record);
    // An event that does not matter may look like anything, as long as it has a name.
    const named = whole.success ? whole : v.safeParse(namedRecord, record);
    if (!named.success) return malformed(`record ${index}: ${firstIssue(named.issues)}`);
    const { eventName } = named.output;
    const kind = kindOf(eventName);
    if (kind === undefined) {
      notifications.push({ kind: 'ignored', reason: `event ${eventName}` });
      continue;
    }
    const parsed = whole.success ? objectOf(whole.output, replay) : firstIssue(whole.issues);
    if (typeof parsed !== 'string') notifications.push(notificationOf(kind, parsed));
    else if (kind === 'removed') notifications.push({ kind: 'ignored', reason: `event ${eventName}: ${parsed}` });
    else return malformed(`record ${index}: ${parsed}`);
  }
  return { kind: 'notifications', notifications };
}

/** One record's object, or what is wrong with it. */
function objectOf(
  { eventTime: time, s3 }: v.InferOutput<typeof s3Record>,
  replay: ObjectVersion['replayMode'] | undefined,
): ObjectVersion | string {
  const key = decodeKey(s3.object.key);
  if (key === undefined) return 'the key is not form-encoded UTF-8';
  const problem = keyProblem(key);
  if (problem !== undefined) return problem;
  const { eTag: etag, ...object } = s3.object;
  // A replay says what a listing said, which has whole seconds.
  const wholeSeconds = time.wholeSeconds || replay !== undefined;
  return versionOf({ ...object, ...time, wholeSeconds, key, bucket: s3.bucket.name, etag, replay });
}

function firstIssue(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  return `${v.getDotPath(issues[0]) ?? 'the record'}: ${issues[0].message}`;
}

function parseBridged(eventName: string, event: unknown): ParsedMessage {
  const kind = kindOf(eventName);
  if (kind === undefined) return ignored(`event ${eventName}`);
  const parsed = v.safeParse(eventBridgeEvent, event);
  const problem = parsed.success ? keyProblem(parsed.output.detail.object.key) : firstIssue(parsed.issues);
  if (!parsed.success || problem !== undefined) {
    return kind === 'removed' ? ignored(`event ${eventName}: ${problem}`) : malformed(String(problem));
  }
  const { bucket, object } = parsed.output.detail;
  // EventBridge delivers the key as it is stored, not encoded.
  const version = versionOf({
    ...object,
    versionId: object['version-id'],
    bucket: bucket.name,
    ...parsed.output.time,
    replay: undefined,
  });
  return { kind: 'notifications', notifications: [notificationOf(kind, version)] };
}

function notificationOf(kind: 'created' | 'restored' | 'removed', object: ObjectVersion): Notification {
  return kind === 'restored' ? { kind: 'created', object: { ...object, replayMode: 'release' } } : { kind, object };
}

/** The fields of one event, whatever its envelope. */
type EventFields = {
  bucket: string;
  key: string;
  etag?: string | undefined;
  versionId?: string | null | undefined;
  sequencer?: string | null | undefined;
  size?: number | undefined;
  eventTimeMs: number;
  wholeSeconds: boolean;
  /** Undefined for what S3 itself notified. */
  replay: ObjectVersion['replayMode'] | undefined;
};

function versionOf(from: EventFields): ObjectVersion {
  const { bucket, key, eventTimeMs } = from;
  const etag = (from.etag ?? '').replaceAll('"', '');
  const object: ObjectVersion = { bucket, key, etag, eventTimeMs, replayMode: from.replay ?? 'ifNew' };
  if (from.versionId) object.versionId = from.versionId;
  if (from.sequencer) object.sequencer = from.sequencer;
  if (from.size !== undefined) object.sizeBytes = from.size;
  if (from.wholeSeconds) object.wholeSeconds = true;
  if (from.replay !== undefined) object.replayed = true;
  return object;
}

const LONGEST_KEY_BYTES = 1024;

/** Why S3 cannot have such a key, or the ledger cannot store it; undefined when neither applies. */
function keyProblem(key: string): string | undefined {
  if (isLonger(key, LONGEST_KEY_BYTES)) return 'the key is longer than 1,024 bytes';
  if (!key.isWellFormed()) return 'the key is not valid Unicode';
  return key.includes('\0') ? 'the key contains NUL, which the warehouse cannot store' : undefined;
}
