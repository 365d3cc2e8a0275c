import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { httpStatus, translateException } from './translate.ts';

/** PreconditionFailed, and ConditionalRequestConflict of somebody who writes at the same time; 404: it is gone already. */
const NOT_THIS_VERSION = [404, 409, 412];

/** One small object that several functions write, in S3. All methods throw LoaderError. */
export class S3WaitingObject {
  readonly #client: S3Client;
  readonly #address: { Bucket: string; Key: string };

  constructor(client: S3Client, bucket: string, key: string) {
    this.#client = client;
    this.#address = { Bucket: bucket, Key: key };
  }

  async read(): Promise<{ text: string; etag: string } | undefined> {
    try {
      const { Body, ETag = '' } = await this.#client.send(new GetObjectCommand(this.#address));
      return { text: (await Body?.transformToString()) ?? '', etag: ETag };
    } catch (error) {
      const translated = translateException(error, `reading s3://${this.#address.Bucket}/${this.#address.Key}`);
      if (translated.code === 'missing-object') return undefined;
      throw translated;
    }
  }

  async write(text: string): Promise<void> {
    try {
      await this.#client.send(new PutObjectCommand({ ...this.#address, Body: text, ContentType: 'application/json' }));
    } catch (error) {
      throw translateException(error, `writing s3://${this.#address.Bucket}/${this.#address.Key}`);
    }
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
  async remove(etag: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand({ ...this.#address, IfMatch: etag }));
    } catch (error) {
      if (NOT_THIS_VERSION.includes(httpStatus(error) ?? 0)) return;
      throw translateException(error, `deleting s3://${this.#address.Bucket}/${this.#address.Key}`);
    }
  }
}
