import { hash } from 'node:crypto';

/** One version of one S3 object, as a notification or a listing named it: the unit of idempotency. */
export type ObjectVersion = {
  bucket: string;
  /** Decoded: the key as S3 stores it. */
  key: string;
  /** Without quotes. Not always an MD5. */
  etag: string;
  versionId?: string;
  /** S3's order of writes to this key, hexadecimal. Listings and some envelopes have none. */
  sequencer?: string;
  /** Undefined when the notification did not say. */
  sizeBytes?: number;
  /** When S3 finished the write, epoch milliseconds. */
  eventTimeMs: number;
  /** The event time has no fraction, as those of EventBridge and of listings: the write came within that second. */
  wholeSeconds?: true;
  /** `ifNew`: load what the ledger does not have. `release`: also what is quarantined. `reload`: whatever the ledger says. */
  replayMode: 'ifNew' | 'release' | 'reload';
  /** Named by a replay, not by S3, so its age says nothing about how fast it was loaded. */
  replayed?: true;
};

/** What HEAD says about an object. */
export type ObjectHead =
  | {
      kind: 'present';
      etag: string;
      sizeBytes: number;
      lastModifiedMs: number;
      /** The storage class, when the content is archived and not restored: COPY cannot read it. */
      archived?: string;
      /** The KMS key it is encrypted with. */
      kmsKey?: string;
    }
  | { kind: 'missing' }
  | { kind: 'forbidden' }
  /** Encrypted with a customer-provided key (SSE-C). */
  | { kind: 'sealed' };

/** The id the ledger knows a key by: md5 of `bucket/key`, 32 hexadecimal digits, so that any key fits a statement. */
export function objectId(object: { bucket: string; key: string }): string {
  return hash('md5', `${object.bucket}/${object.key}`);
}

/** `s3://bucket/key`. */
export function s3Url(object: { bucket: string; key: string }): string {
  return `s3://${object.bucket}/${object.key}`;
}

/** What is needed to order two versions of one key. */
export type VersionOrder = { sequencer?: string | undefined; eventTimeMs: number };

/**
 * Orders two versions of the same key: negative when `a` is older, positive when newer, 0 when neither is known to be newer.
 *
 * Sequencers are compared as numbers, which is AWS's rule (the shorter is padded with zeros on the left) and also right where
 * lengths are equal, the normal case. Equal sequencers are one write, whatever the times are: EventBridge events
 * have whole seconds only. Unless both have a sequencer, the event time decides.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function compareVersions(a: VersionOrder, b: VersionOrder): number {
  if (a.sequencer !== undefined && b.sequencer !== undefined) {
    const length = Math.max(a.sequencer.length, b.sequencer.length);
    const left = a.sequencer.toLowerCase().padStart(length, '0');
    const right = b.sequencer.toLowerCase().padStart(length, '0');
    return left === right ? 0 : left < right ? -1 : 1;
  }
  return Math.sign(a.eventTimeMs - b.eventTimeMs);
}

/**
 * The form encoding in which S3 names keys in notifications and, when it is asked to, in listings: a blank becomes `+`, `/`
 * stays, all but letters, digits and `-_.~*` are percent-encoded UTF-8. So the text is plain ASCII.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (`test_file(3).png` is `test_file%283%29.png`)
 */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}

/** Undoes `encodeKey`, and S3's own: `+` is a space, the rest is percent-encoded UTF-8. Undefined when it is not that. */
export function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    // A stray % or invalid UTF-8, which S3 never sends.
    return undefined;
  }
}
