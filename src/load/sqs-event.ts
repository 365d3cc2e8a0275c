import * as v from 'valibot';
import { LoaderError } from '../errors.ts';
import type { ReceivedMessage } from '../ports.ts';

const attribute = v.object({
  dataType: v.string(),
  stringValue: v.optional(v.string()),
  binaryValue: v.optional(v.string()),
});
const record = v.object({
  messageId: v.pipe(v.string(), v.minLength(1)),
  receiptHandle: v.pipe(v.string(), v.minLength(1)),
  body: v.string(),
  attributes: v.record(v.string(), v.string()),
  messageAttributes: v.record(v.string(), attribute),
  eventSource: v.literal('aws:sqs'),
  eventSourceARN: v.pipe(v.string(), v.minLength(1)),
});
type SqsRecord = v.InferOutput<typeof record>;
const sqsEvent = v.object({ Records: v.pipe(v.array(record), v.minLength(1)) });
const probe = v.strictObject({ probe: v.literal(true) });

/** Whether an invocation only asks whether the loader could load. */
export function isProbe(event: unknown): boolean {
  return v.is(probe, event);
}

/** A delivery: the ARN of the queue it came from, and its messages. */
export type SqsDelivery = { queueArn: string; messages: ReceivedMessage[] };

/**
 * Reads what an invocation of the loader was given: a delivery of an SQS queue. An event source has one queue, so a delivery does too.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 * @throws LoaderError for everything else. Events from a trigger attached directly to the function would otherwise be
 * acknowledged and lost; instead the invocation fails, an alarm fires, and reconcile finds the objects.
 */
export function readSqsEvent(event: unknown): SqsDelivery {
  const parsed = v.safeParse(sqsEvent, event);
  const [queueArn, ...others] = new Set(parsed.success ? parsed.output.Records.map((one) => one.eventSourceARN) : []);
  if (parsed.success && queueArn !== undefined && others.length === 0) {
    return { queueArn, messages: parsed.output.Records.map(toMessage) };
  }
  throw new LoaderError(
    'usage',
    `this is ${nameOf(event)}, but the loader accepts only deliveries from its SQS queues`,
    'Point notifications at the queue; to test one: aws sqs send-message; see docs/DEPLOY.md',
  );
}

function toMessage({ messageId, receiptHandle, body, attributes, messageAttributes }: SqsRecord): ReceivedMessage {
  return {
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
        name,
        {
          dataType,
          ...(stringValue === undefined ? {} : { stringValue }),
          ...(binaryValue === undefined ? {} : { binaryValue: Buffer.from(binaryValue, 'base64') }),
        },
      ]),
    ),
  };
}

/** Describes an event by the field that names its origin. */
function nameOf(event: unknown): string {
  const [first] = v.is(v.object({ Records: v.array(v.unknown()) }), event) ? event.Records : [];
  if (v.is(sqsEvent, event)) return 'a delivery of several queues';
  if (v.is(v.object({ eventSource: v.literal('aws:s3') }), first))
    return 'a notification that S3 sent straight to the function';
  if (v.is(v.object({ EventSource: v.literal('aws:sns') }), first))
    return 'a message that SNS sent straight to the function';
  if (v.is(v.object({ source: v.string(), 'detail-type': v.string() }), event)) {
    return 'an event that EventBridge sent straight to the function';
  }
  return 'an event of unknown shape';
}
