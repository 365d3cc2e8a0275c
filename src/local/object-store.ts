import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isMissing, readSmall } from './files.ts';
import {
  ObjectForbidden,
  ObjectMissing,
  type ObjectContent,
  type ObjectReader,
  type S3Address,
} from './redshift/types.ts';
import { accessDenied, noSuchBucket, noSuchKey, S3Error } from './s3/error.ts';
import { page, type Page, type PageRequest } from './s3/page.ts';
import { sequenceAt, sequencerText } from './s3/sequencer.ts';
import { SortedMap } from './s3/sorted-keys.ts';

/** An object as the store knows it. The bytes stay in `file`; the etag is bare, without S3's quotes. */
export type StoredObject = {
  key: string;
  file: string;
  /** Whether the file is the store's own; a file of a mounted directory is its user's and is never removed. */
  owned: boolean;
  sizeBytes: number;
  etag: string;
  /** In whole seconds, as S3 keeps it. */
  lastModified: Date;
  contentType: string;
  metadata: Readonly<Record<string, string>>;
};

/** How an object came to be or went, in the words of S3's event names. */
export type ChangeName =
  'ObjectCreated:Put' | 'ObjectCreated:Copy' | 'ObjectCreated:CompleteMultipartUpload' | 'ObjectRemoved:Delete';

/** One write to the store, told to its listeners in the order of the writes. `object` is what was created or removed. */
export type ObjectChange = { name: ChangeName; bucket: string; object: StoredObject; at: Date; sequencer: string };

/** Bytes on disk that are no object yet. */
export type Spooled = { file: string; sizeBytes: number; md5: string };

/**
 * What `put` needs to know of a new object: when to say it was written (`at`), and last modified if that differs. A sequencer is
 * given where another run of the store may tell of the same write again; otherwise each put is a write of its own.
 */
export type NewObject = Omit<StoredObject, 'lastModified'> & { at: Date; lastModified?: Date; sequencer?: string };

type Bucket = { createdAt: Date; objects: SortedMap<StoredObject>; forbidden: Set<string> };

/**
 * Buckets whose objects lie in files: their own below `directory`, or anyone's (see `watch-directory.ts`). Only keys and
 * properties are kept in memory. The objects it owns live as long as the store.
 */
export class ObjectStore implements ObjectReader {
  private readonly directory: string;
  private readonly buckets = new Map<string, Bucket>();
  private readonly listeners: ((change: ObjectChange) => void)[] = [];
  private lastSequence = 0n;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens an empty store that keeps its bytes in `directory`; what a former store left there is removed. */
  static async open(directory: string): Promise<ObjectStore> {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    return new ObjectStore(directory);
  }

  /** Calls `listener` after each write, before the writer is answered. */
  onChange(listener: (change: ObjectChange) => void): void {
    this.listeners.push(listener);
  }

  /** Creates a bucket; an existing one stays as it is. */
  createBucket(name: string): void {
    if (this.buckets.has(name)) return;
    this.buckets.set(name, { createdAt: new Date(), objects: new SortedMap(), forbidden: new Set() });
  }

  /** Removes an empty bucket. Throws `NoSuchBucket`, `BucketNotEmpty`. */
  deleteBucket(name: string): void {
    if (this.bucket(name).objects.size > 0) {
      throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
    this.buckets.delete(name);
  }

  /** All buckets with the time of their creation, by name. */
  bucketList(): { name: string; createdAt: Date }[] {
    return [...this.buckets]
      .map(([name, { createdAt }]) => ({ name, createdAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws `NoSuchBucket` when there is none. */
  requireBucket(name: string): void {
    this.bucket(name);
  }

  /** Lets every read of the key fail with `AccessDenied`, as a missing permission would. */
  forbid({ bucket, key }: S3Address): void {
    this.bucket(bucket).forbidden.add(key);
  }

  /** The reverse of `forbid`. */
  allow({ bucket, key }: S3Address): void {
    this.bucket(bucket).forbidden.delete(key);
  }

  /** Writes bytes to a file of the store. The caller turns it into an object by `put`, or removes it. */
  async spool(body: AsyncIterable<Uint8Array>): Promise<Spooled> {
    const file = join(this.directory, randomUUID());
    const hash = createHash('md5');
    let sizeBytes = 0;
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of body) {
        hash.update(piece);
        sizeBytes += piece.byteLength;
        yield piece;
      }
    };
    try {
      await pipeline(Readable.from(measured(), { objectMode: false }), createWriteStream(file));
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    return { file, sizeBytes, md5: hash.digest('hex') };
  }

  /** Makes a file an object, in place of the one that had its key, and tells the listeners. Throws `NoSuchBucket`. */
  async put(
    bucket: string,
    created: NewObject,
    name: Exclude<ChangeName, 'ObjectRemoved:Delete'>,
  ): Promise<StoredObject> {
    const { at, lastModified = at, sequencer = this.nextSequencer(), ...properties } = created;
    const { objects } = this.bucket(bucket);
    const replaced = objects.get(created.key);
    const object = { ...properties, lastModified: new Date(Math.floor(lastModified.getTime() / 1000) * 1000) };
    objects.set(created.key, object);
    this.tell({ name, bucket, object, at, sequencer });
    if (replaced?.owned === true) await unlink(replaced.file);
    return object;
  }

  /** Removes an object, if there is one. Throws `NoSuchBucket`. */
  async delete({ bucket, key }: S3Address): Promise<void> {
    const { objects } = this.bucket(bucket);
    const object = objects.get(key);
    if (object === undefined) return;
    objects.delete(key);
    this.tell({ name: 'ObjectRemoved:Delete', bucket, object, at: new Date(), sequencer: this.nextSequencer() });
    if (object.owned) await unlink(object.file);
  }

  /** The object's properties, or undefined. Asks no permission: for the store's own use. Throws `NoSuchBucket`. */
  find({ bucket, key }: S3Address): StoredObject | undefined {
    return this.bucket(bucket).objects.get(key);
  }

  /** The object's properties, as HEAD gives them. Throws `NoSuchBucket`, `NoSuchKey`, `AccessDenied`. */
  head(address: S3Address): StoredObject {
    const { objects, forbidden } = this.bucket(address.bucket);
    if (forbidden.has(address.key)) throw accessDenied();
    const object = objects.get(address.key);
    if (object === undefined) throw noSuchKey();
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
      const object = this.head(address);
      try {
        const handle = await open(object.file);
        return { object, body: handle.createReadStream(range ?? {}) };
      } catch (error) {
        if (!isMissing(error)) throw error;
        if (this.find(address) === object) throw noSuchKey();
      }
    }
  }

  /** One page of a listing. Throws `NoSuchBucket`. */
  page(bucket: string, request: PageRequest): Page<StoredObject> {
    return page(this.bucket(bucket).objects, request);
  }

  /** For the local warehouse: the bytes of one object, without a promise if they are few. */
  read(address: S3Address): ObjectContent | Promise<ObjectContent> {
    try {
      const { file, sizeBytes } = this.head(address);
      const small = readSmall(file, sizeBytes);
      return small === undefined ? this.stream(address) : { sizeBytes: small.length, body: small };
    } catch (error) {
      throw asReadError(error, address);
    }
  }

  private async stream(address: S3Address): Promise<ObjectContent> {
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

  private bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  private tell(change: ObjectChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** Made from the time, so that it also grows over restarts; 20 bits leave room for a million writes a millisecond. */
  private nextSequencer(): string {
    const fromClock = sequenceAt(Date.now());
    this.lastSequence = fromClock > this.lastSequence ? fromClock : this.lastSequence + 1n;
    return sequencerText(this.lastSequence);
  }
}

function asReadError(error: unknown, { bucket, key }: S3Address): unknown {
  if (!(error instanceof S3Error)) return error;
  const Kind = error.code === 'AccessDenied' ? ObjectForbidden : ObjectMissing;
  return new Kind(`s3://${bucket}/${key}: ${error.message}`);
}
