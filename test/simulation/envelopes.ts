/** The envelopes a notification comes in, made from the record S3 sends. */
import { replayMessages, type ReplayObject } from '../../src/catch-up/replay-messages.ts';
import type { Envelope } from './deliveries.ts';
import type { EventRecord } from '../support/stack.ts';

type Known = {
  eventTime: string;
  eventName: string;
  s3: { bucket: { name: string }; object: { key: string; size: number; eTag: string; sequencer: string } };
};

/** Message bodies that carry the records, at most `perMessage` in one where the envelope can hold several. */
export function bodiesOf(records: readonly EventRecord[], envelope: Envelope, perMessage: number): string[] {
  if (envelope === 'eventbridge') return records.map(bridged);
  const bodies: string[] = [];
  for (let from = 0; from < records.length; from += perMessage) {
    const Records = records.slice(from, from + perMessage);
    if (envelope === 'listed')
      bodies.push(...[...replayMessages(Records.map(listed), 'ifNew')].map(({ body }) => body));
    else if (envelope === 'plain') bodies.push(JSON.stringify({ Records }));
    else bodies.push(JSON.stringify({ Type: 'Notification', TopicArn: 'arn', Message: JSON.stringify({ Records }) }));
  }
  return bodies;
}

/** EventBridge gives the key as it is stored, and other names to the rest. */
function bridged(record: EventRecord): string {
  const { eventTime, s3 } = record as Known;
  const { key, size, eTag, sequencer } = s3.object;
  return JSON.stringify({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: eventTime,
    detail: {
      bucket: { name: s3.bucket.name },
      object: { key: storedKey(key), size, etag: eTag, sequencer },
    },
  });
}

/** A listing knows no sequencer, and whole seconds only. */
function listed(record: EventRecord): ReplayObject {
  const { eventTime, s3 } = record as Known;
  const { key, size, eTag } = s3.object;
  const lastModifiedMs = Math.floor(Date.parse(eventTime) / 1000) * 1000;
  return { bucket: s3.bucket.name, key: storedKey(key), etag: eTag, sizeBytes: size, lastModifiedMs };
}

function storedKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}
