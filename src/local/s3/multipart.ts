import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { ObjectStore } from './object-store.ts';
import type { Spooled } from './persistent-objects.ts';
import type { StoredObject } from './stored-object.ts';
import { invalidPart, S3Error } from './error.ts';
import { describedBy, openCopySource, putSpooled } from './objects.ts';
import { readText, sendEmpty, sendXml, type S3Request } from './request.ts';
import { document, parseXml } from './xml.ts';

type Upload = Pick<StoredObject, 'key' | 'contentType' | 'metadata'> & { bucket: string; parts: Map<number, Spooled> };

/** Of every part but the last. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;

/**
 * Multipart uploads that have begun and not ended. Parts lie on disk until the upload is completed, aborted, or ends with
 * the run of the store.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export class MultipartUploads {
  readonly #store: ObjectStore;
  readonly #uploads = new Map<string, Upload>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  create({ bucket, key, headers }: S3Request, response: ServerResponse): void {
    this.#store.requireBucket(bucket);
    const uploadId = randomUUID();
    this.#uploads.set(uploadId, { bucket, key, ...describedBy(headers), parts: new Map() });
    sendXml(response, document('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: uploadId }));
  }

  async uploadPart(request: S3Request, response: ServerResponse): Promise<void> {
    const part = await this.#keepPart(request, request.body);
    sendEmpty(response, 200, { etag: `"${part.md5}"` });
  }

  async uploadPartCopy(request: S3Request, response: ServerResponse): Promise<void> {
    this.#find(request);
    const { body } = await openCopySource(this.#store, request.headers);
    const { md5 } = await this.#keepPart(request, body).finally(() => body.destroy());
    sendXml(response, document('CopyPartResult', { LastModified: new Date().toISOString(), ETag: `"${md5}"` }));
  }

  async complete(request: S3Request, response: ServerResponse): Promise<void> {
    const { bucket, key, contentType, metadata, parts } = this.#find(request);
    const named = namedParts(await readText(request.body), parts);
    const { file, sizeBytes } = await this.#store.spool(concatenated(named));
    const digests = named.map(({ md5 }) => Buffer.from(md5, 'hex'));
    const etag = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${named.length}`;
    const object = { key, file, sizeBytes, owned: true, etag, contentType, metadata, atMs: Date.now() };
    await putSpooled(this.#store, bucket, object, 'ObjectCreated:CompleteMultipartUpload');
    await this.#forget(request);
    sendXml(response, document('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: `"${etag}"` }));
  }

  async abort(request: S3Request, response: ServerResponse): Promise<void> {
    await this.#forget(request);
    sendEmpty(response, 204);
  }

  async #keepPart(request: S3Request, body: AsyncIterable<Uint8Array>): Promise<Spooled> {
    const upload = this.#find(request);
    const number = Number(request.query.get('partNumber'));
    if (!Number.isInteger(number) || number < 1 || number > 10_000) {
      throw new S3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', 400);
    }
    const part = await this.#store.spool(body);
    const replaced = upload.parts.get(number);
    upload.parts.set(number, part);
    if (replaced !== undefined) await rm(replaced.file, { force: true });
    return part;
  }

  async #forget(request: S3Request): Promise<void> {
    const { parts } = this.#find(request);
    this.#uploads.delete(request.query.get('uploadId') ?? '');
    for (const { file } of parts.values()) await rm(file, { force: true });
  }

  #find({ bucket, key, query }: S3Request): Upload {
    const upload = this.#uploads.get(query.get('uploadId') ?? '');
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw new S3Error('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
  }
}

/** What CompleteMultipartUpload says. */
const completion = v.object({
  CompleteMultipartUpload: v.object({ Part: v.array(v.object({ PartNumber: v.string(), ETag: v.string() })) }),
});

/** The parts the client names, which must be in order and be what was uploaded. */
function namedParts(xml: string, parts: ReadonlyMap<number, Spooled>): Spooled[] {
  let previous = 0;
  return parseXml(completion, xml).CompleteMultipartUpload.Part.map(({ PartNumber, ETag }, index, all) => {
    const number = Number(PartNumber);
    const part = parts.get(number);
    if (part?.md5 !== ETag.replaceAll('"', '')) throw invalidPart();
    if (number <= previous) {
      throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.', 400);
    }
    if (index < all.length - 1 && part.sizeBytes < SMALLEST_PART_BYTES) {
      throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400);
    }
    previous = number;
    return part;
  });
}

async function* concatenated(parts: readonly Spooled[]): AsyncGenerator<Uint8Array> {
  for (const { file } of parts) {
    for await (const piece of createReadStream(file)) yield piece as Uint8Array;
  }
}
