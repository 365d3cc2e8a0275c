import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { decodeKey } from '../core/object-version.ts';
import type { ListedObject, ObjectHead, ObjectStore } from '../deps.ts';
import { LoaderError } from '../errors.ts';
import { httpStatus, translateException } from './translate.ts';

/** S3 by the SDK. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  constructor(client: S3Client) {
    this.#client = client;
  }

  async put(bucket: string, key: string, body: string): Promise<void> {
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
      };
    } catch (error) {
      // HEAD has no body, so S3 tells these two apart by the status alone.
      if (httpStatus(error) === 404) return { kind: 'missing' };
      if (httpStatus(error) === 403) return { kind: 'forbidden' };
      throw translateException(error, `looking at s3://${bucket}/${key}`);
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
          // Keys may hold characters that XML cannot carry.
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

function listedKey(encoded: string | undefined): string {
  const key = decodeKey(encoded ?? '');
  if (key) return key;
  throw new LoaderError(
    'unexpected',
    `S3 listed a key that cannot be read: ${encoded}`,
    'Look at it in the S3 console',
  );
}
