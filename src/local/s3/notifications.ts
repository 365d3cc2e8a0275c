import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { encodeKey } from '../../objects/object-version.ts';
import type { ObjectChange } from './stored-object.ts';
import { S3Error } from './error.ts';
import { requestId } from './request.ts';
import { document, element, parseXml } from './xml.ts';

/** Where a bucket's notifications go: one queue configuration of the bucket's notification configuration. */
type Target = { id: string; queueArn: string; events: string[]; prefix: string; suffix: string };

/** Puts a message into the queue with this ARN. Throws when there is no such queue. */
export type Deliver = (queueArn: string, body: string) => void;

/**
 * Tells queues what happened to a bucket's objects, in the shape and words of S3.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export class Notifications {
  readonly #region: string;
  readonly #deliver: Deliver;
  readonly #isWaiting: (queueArn: string, sequencer: string) => boolean;
  readonly #targets = new Map<string, Target[]>();

  /** `isWaiting` says whether the notification of a write waits in a queue since a former run. */
  constructor(region: string, deliver: Deliver, isWaiting: (queueArn: string, sequencer: string) => boolean) {
    this.#region = region;
    this.#deliver = deliver;
    this.#isWaiting = isWaiting;
  }

  /**
   * Takes a `NotificationConfiguration` document, in place of the bucket's former one, and sends each queue a test event.
   * Only queues can be targets. Throws `InvalidArgument` when a queue does not exist.
   */
  configure(bucket: string, xml: string): void {
    const { QueueConfiguration, ...elsewhere } = parseXml(configuration, xml).NotificationConfiguration;
    const [refused] = Object.keys(elsewhere);
    if (refused !== undefined) throw new S3Error('NotImplemented', `The local S3 does not support ${refused}.`, 501);
    const targets = QueueConfiguration.map(readTarget);
    for (const { queueArn } of targets) this.#sendTestEvent(bucket, queueArn);
    this.#targets.set(bucket, targets);
  }

  /** The bucket's configuration, as the document S3 would answer. */
  configuration(bucket: string): string {
    const targets = this.#targets.get(bucket) ?? [];
    const elements = targets.map((target) => element('QueueConfiguration', { xml: targetXml(target) }));
    return document('NotificationConfiguration', {}, elements);
  }

  /** Sends one message per target whose events and filter fit the change. */
  notify(change: ObjectChange): void {
    for (const target of this.#targets.get(change.bucket) ?? []) {
      const { key } = change.object;
      const wanted = target.events.some((event) => matches(event, change.name));
      if (change.isAgain && this.#isWaiting(target.queueArn, change.sequencer)) continue;
      if (!wanted || !key.startsWith(target.prefix) || !key.endsWith(target.suffix)) continue;
      this.#deliver(target.queueArn, JSON.stringify({ Records: [eventRecord(change, this.#region, target.id)] }));
    }
  }

  #sendTestEvent(bucket: string, queueArn: string): void {
    const event = {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: new Date().toISOString(),
      Bucket: bucket,
      RequestId: requestId(),
      HostId: randomUUID(),
    };
    try {
      this.#deliver(queueArn, JSON.stringify(event));
    } catch {
      throw new S3Error('InvalidArgument', 'Unable to validate the following destination configurations', 400);
    }
  }
}

/** One record of an S3 event. The key is form-encoded, the etag bare; a removed object has neither size nor etag. */
export function eventRecord(change: ObjectChange, region: string, configurationId: string): Record<string, unknown> {
  const { name, bucket, object, at, sequencer } = change;
  const content = name === 'ObjectRemoved:Delete' ? {} : { size: object.sizeBytes, eTag: object.etag };
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: at.toISOString(),
    eventName: name,
    userIdentity: { principalId: 'AWS:LOCAL' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': requestId(), 'x-amz-id-2': randomUUID() },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket, ownerIdentity: { principalId: 'LOCAL' }, arn: `arn:aws:s3:::${bucket}` },
      object: { key: encodeKey(object.key), ...content, sequencer },
    },
  };
}

const queueConfiguration = v.object({
  Id: v.optional(v.string()),
  Queue: v.string(),
  Event: v.array(v.string()),
  Filter: v.optional(
    v.object({ S3Key: v.object({ FilterRule: v.array(v.object({ Name: v.string(), Value: v.string() })) }) }),
  ),
});

/** A bucket's notification configuration; whoever sends an empty one wants no notifications any more. */
const configuration = v.object({
  NotificationConfiguration: v.union([
    v.pipe(
      v.string(),
      v.transform(() => ({ QueueConfiguration: [] })),
    ),
    v.object({
      QueueConfiguration: v.optional(v.array(queueConfiguration), []),
      TopicConfiguration: v.optional(v.unknown()),
      CloudFunctionConfiguration: v.optional(v.unknown()),
      EventBridgeConfiguration: v.optional(v.unknown()),
    }),
  ]),
});

function readTarget({ Id, Queue, Event, Filter }: v.InferOutput<typeof queueConfiguration>): Target {
  const rules = Filter?.S3Key.FilterRule ?? [];
  const value = (name: string): string => rules.findLast(({ Name }) => Name.toLowerCase() === name)?.Value ?? '';
  return { id: Id ?? randomUUID(), queueArn: Queue, events: Event, prefix: value('prefix'), suffix: value('suffix') };
}

function targetXml({ id, queueArn, events, prefix, suffix }: Target): string {
  const rules = Object.entries({ prefix, suffix })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => element('FilterRule', { xml: element('Name', name) + element('Value', value) }));
  const filter = rules.length === 0 ? '' : element('Filter', { xml: element('S3Key', { xml: rules.join('') }) });
  return (
    element('Id', id) + element('Queue', queueArn) + events.map((event) => element('Event', event)).join('') + filter
  );
}

/** `s3:ObjectCreated:*` fits every way of creation; other patterns name one. */
function matches(pattern: string, name: string): boolean {
  const wanted = pattern.replace(/^s3:/, '');
  return wanted.endsWith(':*') ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
}
