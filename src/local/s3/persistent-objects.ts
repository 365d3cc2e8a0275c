import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { statsOf } from '../files.ts';
import { Journal, readJournal } from '../journal.ts';
import { SortedMap } from './sorted-keys.ts';
import type { StoredObject } from './stored-object.ts';

/** A file of a mounted directory, as it was last put; hidden once a client put another object over it or deleted it. */
export type PersistentFile = { object: StoredObject; isHidden: boolean };

/** A bucket. `files` outlives the run that mounted them: their objects are put again when the same files are found again. */
export type Bucket = {
  createdAt: Date;
  objects: SortedMap<StoredObject>;
  files: Map<string, PersistentFile>;
  forbidden: Set<string>;
};

/** Where a mounted file lies, and what tells its content from the next. */
type Place = { file: string; signature: string };

type WrittenObject = Omit<StoredObject, 'atMs'> & { at: number };

/** One change, as it is written. */
type Line =
  | ['sequence', sequencer: string]
  | ['bucket', name: string, createdAt: number]
  | ['no bucket', name: string]
  | ['put', bucket: string, object: WrittenObject]
  | ['delete', bucket: string, key: string, sequencer: string]
  | ['file', bucket: string, key: string, place: Place]
  | ['no file', bucket: string, key: string];

/** Bytes on disk that are no object yet. */
export type Spooled = { file: string; sizeBytes: number; md5: string };

const JOURNAL_NAME = 'journal.jsonl';

/**
 * The state of an object store and its file: bodies lie below `directory` under names of their own, and a journal says which
 * of them are objects. So an object is the old or the new one and never half of one, whenever the process is killed.
 */
export class PersistentObjects {
  readonly buckets = new Map<string, Bucket>();
  readonly #directory: string;
  #journal!: Journal;
  /** The greatest sequencer ever given. */
  sequencer = '';

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Opens what is kept in `directory`. Bodies that never became objects are removed, and so are objects whose body is not
   * there whole. Throws what the file system throws.
   */
  static async open(directory: string): Promise<PersistentObjects> {
    await mkdir(directory, { recursive: true });
    const kept = new PersistentObjects(directory);
    const file = join(directory, JOURNAL_NAME);
    for await (const line of readJournal(file)) kept.#replay(line as Line);
    const bodies = new Set([JOURNAL_NAME]);
    for (const { objects } of kept.buckets.values()) {
      for (const { key, file: body, owned, sizeBytes } of objects.values()) {
        if (owned && statsOf(body)?.size === BigInt(sizeBytes)) bodies.add(basename(body));
        else objects.delete(key);
      }
    }
    for (const name of await readdir(directory)) {
      if (!bodies.has(name)) await rm(join(directory, name), { recursive: true, force: true });
    }
    kept.#journal = new Journal(file, () => kept.#snapshot());
    return kept;
  }

  /** Writes bytes to a file of the store. The caller makes an object of it, or removes it. */
  async spool(body: AsyncIterable<Uint8Array>): Promise<Spooled> {
    const file = join(this.#directory, randomUUID());
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

  createBucket(name: string): void {
    const createdAt = new Date();
    this.#write(['bucket', name, createdAt.getTime()]);
    this.buckets.set(name, newBucket(createdAt));
  }

  deleteBucket(name: string): void {
    this.#write(['no bucket', name]);
    this.buckets.delete(name);
  }

  put(name: string, object: StoredObject): void {
    this.#write(['put', name, written(object)]);
    this.#replacePut(name, object);
  }

  delete(name: string, key: string, sequencer: string): void {
    this.#write(['delete', name, key, sequencer]);
    this.#replaceDelete(name, key, sequencer);
  }

  /** A mounted file has another place or signature and the same content. */
  resign(name: string, key: string, place: Place): void {
    this.#write(['file', name, key, place]);
    this.#replacePlace(name, key, place);
  }

  /** Forgets a file of a mounted directory; its object, if it is one, is not removed by this. */
  forgetFile(name: string, key: string): void {
    this.#write(['no file', name, key]);
    this.buckets.get(name)?.files.delete(key);
  }

  close(): void {
    this.#journal.close();
  }

  #write(line: Line): void {
    this.#journal.append(line);
  }

  #replacePut(name: string, object: StoredObject): void {
    const bucket = this.buckets.get(name);
    if (!bucket) return;
    bucket.objects.set(object.key, object);
    this.sequencer = later(this.sequencer, object.sequencer);
    if (!object.owned) bucket.files.set(object.key, { object, isHidden: false });
    else hide(bucket, object.key);
  }

  #replaceDelete(name: string, key: string, sequencer: string): void {
    const bucket = this.buckets.get(name);
    if (!bucket) return;
    bucket.objects.delete(key);
    this.sequencer = later(this.sequencer, sequencer);
    hide(bucket, key);
  }

  #replacePlace(name: string, key: string, place: Place): void {
    const bucket = this.buckets.get(name);
    const known = bucket?.files.get(key);
    if (!bucket || !known) return;
    const isShown = bucket.objects.get(key) === known.object;
    known.object = { ...known.object, ...place };
    if (isShown) bucket.objects.set(key, known.object);
  }

  #replay(line: Line): void {
    switch (line[0]) {
      case 'sequence':
        this.sequencer = later(this.sequencer, line[1]);
        break;
      case 'bucket':
        this.buckets.set(line[1], newBucket(new Date(line[2])));
        break;
      case 'no bucket':
        this.buckets.delete(line[1]);
        break;
      case 'put':
        this.#replacePut(line[1], this.#read(line[2]));
        break;
      case 'delete':
        this.#replaceDelete(line[1], line[2], line[3]);
        break;
      case 'file':
        this.#replacePlace(line[1], line[2], line[3]);
        break;
      case 'no file':
        this.buckets.get(line[1])?.files.delete(line[2]);
        break;
    }
  }

  *#snapshot(): Generator<Line> {
    yield ['sequence', this.sequencer];
    for (const [name, { createdAt, objects, files }] of this.buckets) {
      yield ['bucket', name, createdAt.getTime()];
      for (const { object, isHidden } of files.values()) {
        yield ['put', name, written(object)];
        if (isHidden) yield ['delete', name, object.key, object.sequencer];
      }
      for (const object of objects.values()) if (object.owned) yield ['put', name, written(object)];
    }
  }

  #read({ at, file, ...properties }: WrittenObject): StoredObject {
    return { ...properties, file: properties.owned ? join(this.#directory, file) : file, atMs: at };
  }
}

function newBucket(createdAt: Date): Bucket {
  return { createdAt, objects: new SortedMap(), files: new Map(), forbidden: new Set() };
}

function hide({ files }: Bucket, key: string): void {
  const file = files.get(key);
  if (file) file.isHidden = true;
}

/** Bodies are written by their names alone, so that the whole home can be moved. */
function written(object: StoredObject): WrittenObject {
  const { key, owned, sizeBytes, etag, sequencer, contentType, metadata, signature } = object;
  const properties = { key, owned, sizeBytes, etag, sequencer, contentType, metadata };
  const file = owned ? basename(object.file) : object.file;
  return { ...properties, ...(signature === undefined ? {} : { signature }), file, at: object.atMs };
}

/** Sequencers have one length, so their order is that of the texts. */
function later(one: string, other: string): string {
  return one > other ? one : other;
}
