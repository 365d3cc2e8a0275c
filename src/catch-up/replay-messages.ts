import { encodeKey, type ObjectVersion } from '../objects/object-version.ts';

/** An object to be replayed, as listed; or one that was `removed`, which ends its quarantine. */
export type ReplayObject = {
  bucket: string;
  key: string;
  etag: string;
  sizeBytes: number;
  lastModifiedMs: number;
  removed?: true;
};

/** See ObjectVersion. */
export type ReplayMode = ObjectVersion['replayMode'];

/** A message to send: its body, how many objects it carries, and the key of the last one. */
export type ReplayMessage = { body: string; objects: number; lastKey: string };

/** Records per message: large enough that 15,000 keys fit 30 messages, small enough that one failure repeats little. */
export const RECORDS_PER_MESSAGE = 500;
/** The largest body, well below SQS's 1 MiB, so that several fit one call. */
export const BYTES_PER_MESSAGE = 200_000;

const ENDING = ']}';

/**
 * Packs objects into messages of many records, in the format of S3's own events.
 *
 * Keys are form-encoded, as S3 does it, so a body is plain ASCII and contains no character that SQS rejects. A listing has
 * no sequencer; the last-modified time is used as the event time.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export class ReplayPacker {
  readonly #opening: string;
  readonly #maxRecords: number;
  #records: string[] = [];
  #bytes = 0;
  #lastKey = '';

  /** A lower `maxRecords` makes smaller messages, for a slow rate. */
  constructor(replayMode: ReplayMode, maxRecords = RECORDS_PER_MESSAGE) {
    this.#opening = `{"replay":${JSON.stringify(replayMode)},"Records":[`;
    this.#maxRecords = Math.min(maxRecords, RECORDS_PER_MESSAGE);
  }

  /** Adds an object; returns a message when one is full. */
  add(object: ReplayObject): ReplayMessage | undefined {
    const record = JSON.stringify(recordOf(object));
    const fits = this.#size() + record.length + 1 <= BYTES_PER_MESSAGE && this.#records.length < this.#maxRecords;
    const full = fits ? undefined : this.flush();
    this.#records.push(record);
    this.#bytes += record.length + 1;
    this.#lastKey = object.key;
    return full;
  }

  /** The remaining objects as a last message. */
  flush(): ReplayMessage | undefined {
    if (this.#records.length === 0) return undefined;
    const body = `${this.#opening}${this.#records.join(',')}${ENDING}`;
    const message = { body, objects: this.#records.length, lastKey: this.#lastKey };
    this.#records = [];
    this.#bytes = 0;
    return message;
  }

  /** Characters equal bytes, because a body is ASCII. */
  #size(): number {
    return this.#opening.length + this.#bytes + ENDING.length;
  }
}

/** All objects as messages, in order. */
export function* replayMessages(objects: Iterable<ReplayObject>, replayMode: ReplayMode): Generator<ReplayMessage> {
  const packer = new ReplayPacker(replayMode);
  for (const object of objects) {
    const full = packer.add(object);
    if (full) yield full;
  }
  const last = packer.flush();
  if (last) yield last;
}

function recordOf(object: ReplayObject): object {
  return {
    eventSource: 'aws:s3',
    eventName: object.removed ? 'ObjectRemoved:Delete' : 'ObjectCreated:Put',
    eventTime: new Date(object.lastModifiedMs).toISOString(),
    s3: {
      bucket: { name: object.bucket },
      object: { key: encodeKey(object.key), size: object.sizeBytes, eTag: asciiEtag(object.etag) },
    },
  };
}

/** S3's etags are hexadecimal; those of compatible stores must not break the byte count. */
function asciiEtag(etag: string): string {
  return etag.replace(/[^\x20-\x7e]/g, '');
}
