import { constants, gunzipSync } from 'node:zlib';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { decodeKey, type ObjectHead } from '../objects/object-version.ts';
import type { Codec } from '../objects/source.ts';
import type { ListedObject, ObjectStore } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { httpStatus, translateException } from './translate.ts';

/** The most text decompressed from the start of a file. */
const UNPACKED_BYTES = 8 * 1024 * 1024;

/** S3 through the SDK. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  constructor(client: S3Client) {
    this.#client = client;
  }

  async put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    try {
      await this.#client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }),
      );
    } catch (error) {
      throw translateException(error, `writing s3://${bucket}/${key}`);
    }
  }

  async get(bucket: string, key: string): Promise<string> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      throw translateException(error, `reading s3://${bucket}/${key}`);
    }
  }

  async head(bucket: string, key: string): Promise<ObjectHead> {
    try {
      const head = await this.#client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return {
        kind: 'present',
        etag: (head.ETag ?? '').replaceAll('"', ''),
        sizeBytes: head.ContentLength ?? 0,
        lastModifiedMs: head.LastModified?.getTime() ?? 0,
        ...(isArchived(head) ? { archived: head.StorageClass ?? head.ArchiveStatus ?? 'archived' } : {}),
        ...(head.SSEKMSKeyId === undefined ? {} : { kmsKey: head.SSEKMSKeyId }),
      };
    } catch (error) {
      // HEAD has no body, so only the status distinguishes these. S3 answers 400 for an object with a customer-provided key.
      if (httpStatus(error) === 400) return { kind: 'sealed' };
      if (httpStatus(error) === 404) return { kind: 'missing' };
      if (httpStatus(error) === 403) return { kind: 'forbidden' };
      throw translateException(error, `checking s3://${bucket}/${key}`);
    }
  }

  async read(bucket: string, key: string): Promise<{ etag: string; body: AsyncIterable<Uint8Array> }> {
    const doing = `reading s3://${bucket}/${key}`;
    try {
      const { ETag, Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return { etag: (ETag ?? '').replaceAll('"', ''), body: chunksOf(Body as AsyncIterable<Uint8Array>, doing) };
    } catch (error) {
      throw translateException(error, doing);
    }
  }

  async readStart(
    bucket: string,
    key: string,
    codec: Codec,
    bytes: number,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    if (codec === 'bzip2' || codec === 'zstd') return undefined;
    try {
      const range = { Bucket: bucket, Key: key, Range: `bytes=0-${bytes - 1}` };
      const start = await this.#bytes(range, signal);
      return codec === 'none' ? new TextDecoder().decode(start) : unpacked(start);
    } catch (error) {
      throw translateException(error, `reading s3://${bucket}/${key}`);
    }
  }

  async #bytes(range: GetObjectCommandInput, signal: AbortSignal | undefined): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const { Body } = await this.#client.send(new GetObjectCommand(range), signal && { abortSignal: signal });
    // The client's signal ends with the headers; a body that hangs is ended here.
    const stop = (): void => {
      if (Body !== undefined && 'destroy' in Body) Body.destroy(new Error('it took too long'));
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async *list(bucket: string, prefix: string, startAfter?: string): AsyncIterable<ListedObject[]> {
    let token: string | undefined;
    do {
      const page = await this.#page(bucket, prefix, token, startAfter);
      yield (page.Contents ?? []).map((object) => ({
        bucket,
        key: listedKey(object.Key),
        etag: (object.ETag ?? '').replaceAll('"', ''),
        sizeBytes: object.Size ?? 0,
        lastModifiedMs: object.LastModified?.getTime() ?? 0,
      }));
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async #page(bucket: string, prefix: string, token: string | undefined, startAfter: string | undefined) {
    try {
      return await this.#client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          // Keys may contain characters that XML cannot represent.
          EncodingType: 'url',
          ...(token === undefined ? {} : { ContinuationToken: token }),
          ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
        }),
      );
    } catch (error) {
      throw translateException(error, `listing s3://${bucket}/${prefix}`);
    }
  }
}

/** The same chunks; what goes wrong on the way is translated. On Node the SDK gives a stream, whatever its type says. */
async function* chunksOf(body: AsyncIterable<Uint8Array>, doing: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw translateException(error, doing);
  }
}

/** The text of the start of a gzip file; undefined when it is not gzip, or grows too large. */
function unpacked(start: Uint8Array): string | undefined {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED_BYTES };
    return new TextDecoder().decode(gunzipSync(start, options));
  } catch {
    // COPY reads the whole file and reports what is wrong.
    return undefined;
  }
}

/**
 * Whether the content must be restored before anybody can read it. `Restore` shows a restored copy.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
function isArchived({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput): boolean {
  const archived = StorageClass === 'GLACIER' || StorageClass === 'DEEP_ARCHIVE' || ArchiveStatus !== undefined;
  return archived && !(Restore ?? '').includes('ongoing-request="false"');
}

function listedKey(encoded: string | undefined): string {
  const key = decodeKey(encoded ?? '');
  if (key) return key;
  throw new LoaderError(
    'unexpected',
    `S3 listed a key that cannot be read: ${encoded}`,
    'Look at it in the S3 console',
  );
}
