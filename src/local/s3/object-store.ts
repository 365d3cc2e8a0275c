import { unlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { checkReadable, isDenied, isMissing, openFile, readSmall } from '../files.ts';
import { PersistentObjects, type Bucket, type PersistentFile, type Spooled } from './persistent-objects.ts';
import {
  ObjectForbidden,
  ObjectMissing,
  type ObjectContent,
  type Allocate,
  type ObjectReader,
  type S3Address,
} from '../redshift/index.ts';
import { accessDenied, noSuchBucket, noSuchKey, S3Error } from './error.ts';
import { page, type Page, type PageRequest } from './page.ts';
import { sequenceAt, sequenceOf, sequencerText } from './sequencer.ts';
import type { ChangeName, NewObject, ObjectChange, StoredObject } from './stored-object.ts';

type Creation = Exclude<ChangeName, 'ObjectRemoved:Delete'>;

/**
 * Buckets whose objects lie in files: their own below `directory`, or anyone's (see `watch-directory.ts`). Only keys and
 * properties are in memory. What was answered to a client is kept when the process dies (see `persistent-objects.ts`).
 */
export class ObjectStore implements ObjectReader {
  readonly #kept: PersistentObjects;
  readonly #listeners: ((change: ObjectChange) => void)[] = [];

  private constructor(kept: PersistentObjects) {
    this.#kept = kept;
  }

  /** Opens the store that is kept in `directory`, or an empty one. Throws what the file system throws. */
  static async open(directory: string): Promise<ObjectStore> {
    return new ObjectStore(await PersistentObjects.open(directory));
  }

  /** Ends it; nothing can be written after. */
  close(): void {
    this.#kept.close();
  }

  /** Calls `listener` with each write, before the writer is answered. */
  onChange(listener: (change: ObjectChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Creates a bucket; an existing one stays as it is. */
  createBucket(name: string): void {
    if (!this.#kept.buckets.has(name)) this.#kept.createBucket(name);
  }

  /** Removes an empty bucket. Throws `NoSuchBucket`, `BucketNotEmpty`. */
  deleteBucket(name: string): void {
    if (this.#bucket(name).objects.size > 0) {
      throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
    this.#kept.deleteBucket(name);
  }

  /** All buckets with the time of their creation, by name. */
  bucketList(): { name: string; createdAt: Date }[] {
    return [...this.#kept.buckets]
      .map(([name, { createdAt }]) => ({ name, createdAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws `NoSuchBucket` when there is none. */
  requireBucket(name: string): void {
    this.#bucket(name);
  }

  /** Lets every read of the key fail with `AccessDenied`, as a missing permission would. */
  forbid({ bucket, key }: S3Address): void {
    this.#bucket(bucket).forbidden.add(key);
  }

  /** The reverse of `forbid`. */
  allow({ bucket, key }: S3Address): void {
    this.#bucket(bucket).forbidden.delete(key);
  }

  /** Writes bytes to a file of the store. The caller turns it into an object by `put`, or removes it. */
  spool(body: AsyncIterable<Uint8Array>): Promise<Spooled> {
    return this.#kept.spool(body);
  }

  /** Makes a file an object, in place of the one that had its key, and tells the listeners. Throws `NoSuchBucket`. */
  async put(bucket: string, created: NewObject, name: Creation): Promise<StoredObject> {
    const replaced = this.#bucket(bucket).objects.get(created.key);
    const sequencer = this.#nextSequencer();
    // See seenVersion: a literal that begins with a spread takes more than twice the memory.
    const object = Object.assign({}, created, { sequencer });
    // Told before it is written: should the process die between the two, there is a notification too many and not one too few.
    this.#tell({ name, bucket, object, at: new Date(object.atMs), sequencer });
    this.#kept.put(bucket, object);
    if (replaced?.owned === true) await unlink(replaced.file);
    return object;
  }

  /** Removes an object, if there is one. Throws `NoSuchBucket`. */
  async delete({ bucket, key }: S3Address): Promise<void> {
    const object = this.#bucket(bucket).objects.get(key);
    if (object === undefined) return;
    const sequencer = this.#nextSequencer();
    this.#tell({ name: 'ObjectRemoved:Delete', bucket, object, at: new Date(), sequencer });
    this.#kept.delete(bucket, key, sequencer);
    if (object.owned) await unlink(object.file);
  }

  /** The mounted files the store knows of, from this run or a former one, by key. Throws `NoSuchBucket`. */
  files(bucket: string): ReadonlyMap<string, PersistentFile> {
    return this.#bucket(bucket).files;
  }

  /** A mounted file of a former run is there unchanged: the same write is told of again. Throws `NoSuchBucket`. */
  putAgain({ bucket, key }: S3Address): void {
    const object = this.files(bucket).get(key)?.object;
    if (object === undefined) return;
    this.#bucket(bucket).objects.set(key, object);
    // Never in the future, should the clock have been set back since.
    const at = new Date(Math.min(object.atMs, Date.now()));
    this.#tell({ name: 'ObjectCreated:Put', bucket, object, at, sequencer: object.sequencer, isAgain: true });
  }

  /** A mounted file has another place or signature and the same content. Throws `NoSuchBucket`. */
  resign({ bucket, key }: S3Address, file: { file: string; signature: string }): void {
    this.#bucket(bucket);
    this.#kept.resign(bucket, key, file);
  }

  /** Forgets a mounted file that is gone, and removes its object unless a client put another one there. */
  async forgetFile(address: S3Address): Promise<void> {
    const { objects, files } = this.#bucket(address.bucket);
    const isShown = objects.get(address.key)?.owned === false;
    if (files.has(address.key)) this.#kept.forgetFile(address.bucket, address.key);
    if (isShown) await this.delete(address);
  }

  /** The object's properties, or undefined. Asks no permission: for the store's own use. Throws `NoSuchBucket`. */
  find({ bucket, key }: S3Address): StoredObject | undefined {
    return this.#bucket(bucket).objects.get(key);
  }

  /**
   * The object's properties, as HEAD gives them. Throws `NoSuchBucket`, `NoSuchKey`, `AccessDenied`; the latter also of a
   * mounted file that this process may not read.
   */
  head(address: S3Address): StoredObject {
    const object = this.#require(address);
    try {
      if (!object.owned) checkReadable(object.file);
    } catch (error) {
      throw asS3Error(error);
    }
    return object;
  }

  /**
   * The object's properties and bytes. Its file is opened before the answer is given, so a later overwrite does not
   * disturb the reader; a file that was replaced in between is looked up again, one that is gone is `NoSuchKey`.
   */
  async get(
    address: S3Address,
    range?: { start: number; end: number },
  ): Promise<{ object: StoredObject; body: Readable }> {
    for (;;) {
      const object = this.#require(address);
      try {
        const handle = await openFile(object.file);
        return { object, body: handle.createReadStream(range ?? {}) };
      } catch (error) {
        if (!isMissing(error)) throw asS3Error(error);
        if (this.find(address) === object) throw noSuchKey();
      }
    }
  }

  /** One page of a listing. Throws `NoSuchBucket`. */
  page(bucket: string, request: PageRequest): Page<StoredObject> {
    return page(this.#bucket(bucket).objects, request);
  }

  /** For the local warehouse: the bytes of one object, without a promise if they are few. */
  read(address: S3Address, allocate?: Allocate): ObjectContent | Promise<ObjectContent> {
    try {
      const { file, sizeBytes } = this.#require(address);
      const small = readSmall(file, sizeBytes, allocate);
      return small === undefined ? this.#stream(address) : { sizeBytes: small.length, body: small };
    } catch (error) {
      throw asReadError(error, address);
    }
  }

  async #stream(address: S3Address): Promise<ObjectContent> {
    try {
      const { object, body } = await this.get(address);
      return { sizeBytes: object.sizeBytes, body };
    } catch (error) {
      throw asReadError(error, address);
    }
  }

  /** For the local warehouse: every key below a prefix, in S3's order. */
  list({ bucket, key: prefix }: S3Address): Promise<S3Address[]> {
    const { objects } = this.page(bucket, { prefix, limit: Infinity });
    return Promise.resolve(objects.map(({ key }) => ({ bucket, key })));
  }

  #require({ bucket, key }: S3Address): StoredObject {
    const { objects, forbidden } = this.#bucket(bucket);
    if (forbidden.has(key)) throw accessDenied();
    const object = objects.get(key);
    if (object === undefined) throw noSuchKey();
    return object;
  }

  #bucket(name: string): Bucket {
    const bucket = this.#kept.buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  #tell(change: ObjectChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Made from the time, and always greater than the last; 20 bits leave room for a million writes a millisecond. */
  #nextSequencer(): string {
    const fromClock = sequenceAt(Date.now());
    const last = sequenceOf(this.#kept.sequencer);
    return sequencerText(fromClock > last ? fromClock : last + 1n);
  }
}

function asS3Error(error: unknown): unknown {
  return isMissing(error) ? noSuchKey() : isDenied(error) ? accessDenied() : error;
}

function asReadError(thrown: unknown, { bucket, key }: S3Address): unknown {
  const error = asS3Error(thrown);
  if (!(error instanceof S3Error)) return error;
  const Kind = error.code === 'AccessDenied' ? ObjectForbidden : ObjectMissing;
  return new Kind(`s3://${bucket}/${key}: ${error.message}`);
}
