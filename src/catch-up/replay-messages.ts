import { encodeKey, type ObjectVersion } from '../objects/object-version.ts';

/** An object to be replayed, as a listing tells it; or that it is `removed`, which closes its quarantine. */
export type ReplayObject = {
  bucket: string;
  key: string;
  etag: string;
  sizeBytes: number;
  lastModifiedMs: number;
  removed?: true;
};

/** What a replay asks of the loader, see ObjectVersion. */
export type ReplayMode = ObjectVersion['replayMode'];

/** A message to be: its body, how many objects it carries, and the key of the last of them. */
export type ReplayMessage = { body: string; objects: number; lastKey: string };

/** So many records at most are in one message: enough that 15,000 keys are 30 messages, few enough that one failure repeats little. */
export const RECORDS_PER_MESSAGE = 500;
/** The largest body, well below the 1 MiB of SQS, so that several fit one call. */
export const BYTES_PER_MESSAGE = 200_000;

const ENDING = ']}';

/**
 * Packs objects into messages of many records, in the shape of S3's own events, which the handler reads.
 *
 * Keys are form-encoded, as S3 does; so a body is plain ASCII, and no key holds a character that SQS refuses. A listing knows
 * no sequencer: the time of the last change stands for the time of the event.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export class ReplayPacker {
  readonly #opening: string;
  readonly #maxRecords: number;
  #records: string[] = [];
  #bytes = 0;
  #lastKey = '';

  /** `maxRecords` below the usual number makes smaller messages, for a slow rate. */
  constructor(replayMode: ReplayMode, maxRecords = RECORDS_PER_MESSAGE) {
    this.#opening = `{"replay":${JSON.stringify(replayMode)},"Records":[`;
    this.#maxRecords = Math.min(maxRecords, RECORDS_PER_MESSAGE);
  }

  /** Takes an object; gives a message when one is full. */
  add(object: ReplayObject): ReplayMessage | undefined {
    const record = JSON.stringify(recordOf(object));
    const fits = this.#size() + record.length + 1 <= BYTES_PER_MESSAGE && this.#records.length < this.#maxRecords;
    const full = fits ? undefined : this.flush();
    this.#records.push(record);
    this.#bytes += record.length + 1;
    this.#lastKey = object.key;
    return full;
  }

  /** What is left, as a last message. */
  flush(): ReplayMessage | undefined {
    if (this.#records.length === 0) return undefined;
    const body = `${this.#opening}${this.#records.join(',')}${ENDING}`;
    const message = { body, objects: this.#records.length, lastKey: this.#lastKey };
    this.#records = [];
    this.#bytes = 0;
    return message;
  }

  /** Characters are bytes here: everything in a body is ASCII. */
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

/** Etags are hexadecimal in S3 itself; whatever else a compatible store invents must not break the count of bytes. */
function asciiEtag(etag: string): string {
  return etag.replace(/[^\x20-\x7e]/g, '');
}
