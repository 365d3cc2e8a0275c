import { readFileSync } from 'node:fs';
import type { SQSEvent } from 'aws-lambda';
import type { Message } from '../../src/load/plan.ts';
import { readSources } from '../../src/sql/files.ts';
import { objectId, type ObjectVersion } from '../../src/objects/object-version.ts';
import type { Codec, Source, Candidate, Landing } from '../../src/objects/source.ts';

/** One of the shapes in events/, as Lambda gets it. */
export function readEvent(name: string): SQSEvent {
  return JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8')) as SQSEvent;
}

/** The messages of an event, as the handler hands them on. */
export function messagesOf(event: SQSEvent): Message[] {
  return event.Records.map(({ messageId, body }) => ({ messageId, body }));
}

/** The sources of this release, where they are by default. */
export const sources = readSources();

/** The bucket the shapes in events/ speak of. */
export const landing: Landing = { buckets: ['sparkify-landing'], sources };

/** The S3 event of one created object, as a message body; `object` overrides what S3 says of it. */
export function createdBody(object: Record<string, unknown>, replay?: string): string {
  const record = {
    eventName: 'ObjectCreated:Put',
    eventTime: '2018-11-30T21:04:05.796Z',
    s3: { bucket: { name: 'sparkify-landing' }, object: { key: 'log_data/a.json', size: 1, eTag: 'e', ...object } },
  };
  return JSON.stringify({ Records: [record], ...(replay === undefined ? {} : { replay }) });
}

/** The source of a name. */
export function sourceOf(name: string): Source {
  const source = sources.find((one) => one.name === name);
  if (!source) throw new Error(`no source ${name}`);
  return source;
}

/** A candidate that differs from a plain one in what is given. */
export function candidate(given: Partial<ObjectVersion> & { source?: string; codec?: Codec } = {}): Candidate {
  const { source = 'events', codec = 'none', ...version } = given;
  const object: ObjectVersion = {
    bucket: 'sparkify-landing',
    key: 'log_data/a.json',
    etag: 'e1',
    sizeBytes: 10,
    eventTimeMs: 1000,
    replayMode: 'ifNew',
    ...version,
  };
  return { ...object, objectId: objectId(object), source: sourceOf(source), codec };
}
