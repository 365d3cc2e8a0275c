import type { BigIntStats } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../as-error.ts';
import { checkReadable, isDenied, isMissing, mayBeSame, md5Of, signatureOf } from '../files.ts';
import { FolderEntries } from './folder-entries.ts';
import { FolderWatchers } from './folder-watchers.ts';
import { SkippedFiles, type SkippedFile } from './skipped-files.ts';
import type { PersistentFile } from '../s3/persistent-objects.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { PathQueue } from './path-queue.ts';
import { remainingQuietMs, QUIET_MS, UnstableFiles } from './unstable-files.ts';

/** A directory that is the contents of a bucket. */
export type WatchedDirectory = {
  /** Resolves once every file present is an object or left out, or when stopped. Files that keep changing are waited for, up to ten seconds. */
  quiet: () => Promise<void>;
  /** What is currently not an object, and why, as a clause after "is left out:". */
  leftOut: () => SkippedFile[];
  /** Stops watching. The objects stay. */
  stop: () => Promise<void>;
};

export type WatchOptions = {
  /** Folders below the directory whose files become objects before all others, in this order: plays before their songs are written twice. */
  first?: readonly string[];
  /** Called once for each file or folder that is left out. */
  onTrouble?: (file: string, error: Error) => void;
  /** Stops it, even during the initial scan, which can take a while. */
  signal?: AbortSignal;
};

/** How often the whole tree is scanned for changes the system did not report; large trees less often. */
const RESCAN_MS = 2000;
const RESCAN_SHARE = 20;
/** A file that is written continuously delays the start no longer than this. */
const LONGEST_START_MS = 2000;
/** Nor the end of a run that waits for it. */
const LONGEST_WAIT_MS = 10_000;

const DENIED = 'it may not be read';

/**
 * Makes a directory the contents of a bucket: each file is an object whose key is its path below the directory. Files that are
 * written, replaced or removed later become puts and deletes with notifications, in the order they are seen; the store never
 * changes the directory. A file that an earlier run put and that is unchanged is announced again as the same put. Links are
 * followed (see `folder-entries.ts`). Hidden files are excluded, because programs write to hidden names and rename when done.
 * What cannot be an object is left out and reported.
 * Resolves when every file present is an object, except those still being written. Throws what reading the directory itself throws.
 */
export async function watchDirectory(
  store: ObjectStore,
  bucket: string,
  directory: string,
  options: WatchOptions = {},
): Promise<WatchedDirectory> {
  const root = await realpath(directory);
  await readdir(root);
  const mount = new DirectoryMount(store, bucket, root, options);
  await mount.start(options.first ?? []);
  return mount;
}

class DirectoryMount implements WatchedDirectory {
  readonly #store: ObjectStore;
  readonly #bucket: string;
  readonly #root: string;
  readonly #entries: FolderEntries;
  readonly #left: SkippedFiles;
  /** Files announced in this run; the store knows their signatures. Includes files that are no longer readable. */
  readonly #taken = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #unstable = new UnstableFiles();
  readonly #watchers = new FolderWatchers((path) => void this.#paths.lookAt([path]));
  readonly #paths = new PathQueue((path) =>
    this.#look(path).catch((error: unknown) => {
      this.#left.add(path, toError(error).message);
    }),
  );
  #stopped = false;

  constructor(store: ObjectStore, bucket: string, root: string, options: WatchOptions) {
    this.#store = store;
    this.#bucket = bucket;
    this.#root = root;
    this.#entries = new FolderEntries(root);
    this.#left = new SkippedFiles(options.onTrouble);
    options.signal?.addEventListener('abort', () => void this.stop(), { once: true });
  }

  async start(first: readonly string[]): Promise<void> {
    for (const folder of first) await this.#paths.lookAt([resolve(this.#root, folder)]);
    await this.#rescan();
    await Promise.race([this.quiet(), sleep(LONGEST_START_MS, undefined, { ref: false })]);
  }

  quiet = async (): Promise<void> => {
    await this.#paths.lookAt([this.#root]);
    const waitedFor = this.#unstable.files();
    const until = performance.now() + LONGEST_WAIT_MS;
    const isWaiting = (): boolean => waitedFor.some((file) => this.#unstable.has(file));
    while (!this.#stopped && isWaiting() && performance.now() < until) await sleep(QUIET_MS / 10);
  };

  leftOut = (): SkippedFile[] => [
    ...this.#left.all(),
    ...this.#unstable.files().map((file) => ({ file, reason: 'it is still being written' })),
  ];

  stop = async (): Promise<void> => {
    this.#stopped = true;
    await this.#paths.stop();
    this.#watchers.closeAll();
  };

  async #rescan(): Promise<void> {
    const startedAt = performance.now();
    await this.#paths.lookAt([this.#root]);
    // Then files of an earlier scan or run that the folders no longer contain.
    await this.#paths.lookAt([...this.#left.paths(), ...this.#knownFiles()]);
    this.#paths.later(Math.max(RESCAN_MS, (performance.now() - startedAt) * RESCAN_SHARE), () => this.#rescan());
  }

  #knownFiles(below = this.#root): string[] {
    const files = [...this.#store.files(this.#bucket).keys()].map((key) => join(this.#root, key));
    return below === this.#root ? files : files.filter((file) => file.startsWith(below + sep));
  }

  async #look(path: string): Promise<void> {
    const found = this.#entries.find(path);
    if (found.kind === 'folder') return this.#enter(path, found.id);
    if (found.kind === 'file' && this.#folders.has(dirname(path))) return this.#consider(path, found.stats);
    if (found.kind === 'denied') {
      this.#refuse(path, DENIED);
      return;
    }
    if (found.kind === 'left out') this.#left.add(path, found.reason);
    else this.#left.delete(path);
    await this.#forget(path);
  }

  async #enter(folder: string, id: string): Promise<void> {
    // A file may have been here.
    if (this.#taken.has(folder)) await this.#forget(folder);
    this.#folders.add(folder);
    this.#watchers.watch(folder, id);
    try {
      const { paths, unnamed } = await this.#entries.read(folder);
      this.#left.delete(folder);
      this.#left.replaceUnnamed(folder, unnamed);
      this.#paths.add(paths);
    } catch (error) {
      if (isMissing(error)) return this.#forget(folder);
      if (!isDenied(error)) throw error;
      this.#left.add(folder, DENIED);
      this.#paths.add(this.#knownFiles(folder));
    }
  }

  async #consider(file: string, stats: BigIntStats): Promise<void> {
    const signature = signatureOf(stats);
    const known = this.#store.files(this.#bucket).get(this.#entries.keyOf(file));
    const isAsKnown = known?.object.signature === signature;
    if (isAsKnown && this.#taken.has(file) && !this.#refused.has(file)) {
      this.#unstable.delete(file);
      return;
    }
    if (!isAsKnown && !this.#unstable.isStill(file, stats)) {
      this.#lookAgain(file, stats);
      return;
    }
    const etag = await this.#digest(file, stats, isAsKnown ? known.object.etag : undefined);
    if (etag === undefined) return;
    const after = this.#entries.find(file);
    if (after.kind !== 'file' || signatureOf(after.stats) !== signature) {
      this.#lookAgain(file, stats);
      return;
    }
    const isSame = known?.object.etag === etag && mayBeSame(known.object.signature ?? '', signature);
    if (isSame && (known.isHidden || !this.#refused.has(file))) this.#tellAgain(file, known, signature);
    else await this.#put(file, { signature, sizeBytes: Number(stats.size), etag });
    this.#unstable.delete(file);
    this.#refused.delete(file);
    this.#left.delete(file);
  }

  /** Inspects the file again when it may be complete. */
  #lookAgain(file: string, stats: BigIntStats): void {
    this.#unstable.add(file, stats);
    this.#paths.lookAtLater(remainingQuietMs(stats), file);
  }

  /** The file's etag, unless it cannot be read; what is known is not read again. */
  async #digest(file: string, { size }: BigIntStats, known?: string): Promise<string | undefined> {
    try {
      checkReadable(file);
      return known ?? (await md5Of(file, Number(size)));
    } catch (error) {
      // That it is gone will be seen by itself.
      if (!isMissing(error)) this.#refuse(file, isDenied(error) ? DENIED : toError(error).message);
      return undefined;
    }
  }

  async #put(file: string, content: { signature: string; sizeBytes: number; etag: string }): Promise<void> {
    const kind = { owned: false, contentType: 'binary/octet-stream', metadata: {} };
    const object = { key: this.#entries.keyOf(file), file, ...kind, ...content, atMs: Date.now() };
    await this.#store.put(this.#bucket, object, 'ObjectCreated:Put');
    this.#taken.add(file);
  }

  /** The content is unchanged, so this is not a put. */
  #tellAgain(file: string, { object, isHidden }: PersistentFile, signature: string): void {
    const address = { bucket: this.#bucket, key: object.key };
    if (object.file !== file || object.signature !== signature) this.#store.resign(address, { file, signature });
    if (this.#taken.has(file)) return;
    this.#taken.add(file);
    if (isHidden) return;
    this.#store.putAgain(address);
  }

  /** An unreadable file stays an object, if it was one; every read of it is denied. */
  #refuse(path: string, reason: string): void {
    this.#left.add(path, reason);
    this.#unstable.delete(path);
    const known = this.#store.files(this.#bucket).get(this.#entries.keyOf(path));
    if (!known) return;
    this.#tellAgain(path, known, known.object.signature ?? '');
    this.#refused.add(path);
  }

  /** A path that is gone was a file, or a folder with files. */
  async #forget(path: string): Promise<void> {
    this.#unstable.delete(path);
    this.#refused.delete(path);
    this.#taken.delete(path);
    await this.#store.forgetFile({ bucket: this.#bucket, key: this.#entries.keyOf(path) });
    if (!this.#folders.has(path)) return;
    for (const folder of this.#folders) {
      if (folder !== path && !folder.startsWith(path + sep)) continue;
      this.#folders.delete(folder);
      this.#watchers.close(folder);
    }
    this.#left.deleteBelow(path);
    this.#paths.add(this.#knownFiles(path));
  }
}
