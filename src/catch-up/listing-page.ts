import { manifestFile } from '../objects/manifest.ts';
import { gzipSync } from 'node:zlib';
import { compareKeys } from '../objects/key-order.ts';
import { objectId, s3Url } from '../objects/object-version.ts';
import type { S3Location } from '../objects/s3-url.ts';
import type { Source } from '../objects/source.ts';
import type { ListedObject, ObjectStore } from '../ports.ts';
import { routeListed } from './compare.ts';

/** Where the files of a page go, and what is told of the progress. */
export type ListingDeps = {
  objects: ObjectStore;
  /** Where control files are written. */
  control: { bucket: string; prefix: string };
  limits: PageLimits;
  /** Called with each object of the files. */
  onObject?: (object: ListedObject) => void;
  /** Called with the number of objects of every page that S3 listed. It may throw to end the reconcile. */
  onListed: (objects: number) => void;
};

/** How large a page of a reconcile is, in objects, and each of the files it is written to. */
export type PageLimits = {
  page: number;
  file: number;
  /** Keys that cannot be stored; see Page. */
  unstorable: number;
};

/**
 * One page is one scan of the ledger, so it is large; what it costs in time is the listing, 1,000 objects per call. Only one file
 * of it is held in memory.
 */
export const PAGE_LIMITS: PageLimits = { page: 250_000, file: 10_000, unstorable: 1000 };

/** One page of a bucket's listing, written to the control bucket for COPY. */
export type Page = {
  /** Objects in the files, and how many of them belong to no source. */
  stored: number;
  ignored: number;
  /** The URL of their manifest; undefined when no file was written. */
  manifest: string | undefined;
  /** Objects whose keys contain NUL, which the warehouse cannot store, so that the ledger cannot know them. */
  unstorable: { object: ListedObject; ignored: boolean }[];
  /** The last key listed; undefined when the listing ended. */
  upTo: string | undefined;
};

/**
 * Lists objects below a prefix until a page is full, and writes them as gzipped newline-delimited JSON, with a manifest of the
 * files. `name` is that of the page, below the control prefix.
 * @throws LoaderError
 */
export async function stagePage(
  { bucket, key: prefix }: S3Location,
  startAfter: string | undefined,
  sources: readonly Source[],
  name: string,
  { objects, control, limits, onListed, onObject }: ListingDeps,
): Promise<Page> {
  const files = new PageFiles(name, control, objects);
  const page: Page = { stored: 0, ignored: 0, manifest: undefined, unstorable: [], upTo: undefined };
  for await (const listed of objects.list(bucket, prefix, startAfter)) {
    onListed(listed.length);
    for (const object of listed) {
      const ignored = routeListed(object, sources).kind === 'ignored';
      if (object.key.includes('\0')) {
        page.unstorable.push({ object, ignored });
        continue;
      }
      onObject?.(object);
      page.stored += 1;
      if (ignored) page.ignored += 1;
      await files.add(object, ignored, limits.file);
    }
    if (page.stored >= limits.page || page.unstorable.length >= limits.unstorable) {
      page.upTo = listed.at(-1)?.key;
      break;
    }
  }
  page.manifest = await files.end();
  return page;
}

/** The objects of a page up to a key that the warehouse cannot store. */
export function unstorableUpTo(page: Page, last: string | undefined): Page['unstorable'] {
  return page.unstorable.filter(({ object }) => last === undefined || compareKeys(object.key, last) <= 0);
}

/** The files of one page. Keys of a manifest end with `.manifest`, as those of a load do. */
class PageFiles {
  readonly #name: string;
  readonly #control: ListingDeps['control'];
  readonly #objects: ObjectStore;
  readonly #written: { bucket: string; key: string }[] = [];
  #lines: string[] = [];

  constructor(name: string, control: ListingDeps['control'], objects: ObjectStore) {
    this.#name = name;
    this.#control = control;
    this.#objects = objects;
  }

  async add(object: ListedObject, ignored: boolean, most: number): Promise<void> {
    const { key, etag, sizeBytes: size_bytes, lastModifiedMs: modified_ms } = object;
    this.#lines.push(
      `${JSON.stringify({ object_id: objectId(object), key, etag, size_bytes, modified_ms, ignored })}\n`,
    );
    if (this.#lines.length >= most) await this.#write();
  }

  /** Writes what is left, and the manifest; returns its URL. */
  async end(): Promise<string | undefined> {
    if (this.#lines.length > 0) await this.#write();
    if (this.#written.length === 0) return undefined;
    return s3Url(await this.#put('listing.manifest', manifestFile(this.#written)));
  }

  async #write(): Promise<void> {
    const body = gzipSync(this.#lines.join(''));
    this.#lines = [];
    this.#written.push(await this.#put(`${this.#written.length}.json.gz`, body));
  }

  async #put(file: string, body: string | Uint8Array): Promise<{ bucket: string; key: string }> {
    const address = { bucket: this.#control.bucket, key: `${this.#control.prefix}${this.#name}/${file}` };
    await this.#objects.put(address.bucket, address.key, body);
    return address;
  }
}
