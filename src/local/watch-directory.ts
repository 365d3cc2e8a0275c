import { watch, type FSWatcher, type Stats } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { asError } from './as-error.ts';
import { md5Of, signatureOf, statsOf } from './files.ts';
import type { ObjectStore } from './object-store.ts';
import { sequencerAt } from './s3/sequencer.ts';
import { restMilliseconds, stillMilliseconds, UnsettledFiles } from './unsettled-files.ts';

/** A directory that is the contents of a bucket. */
export type Mount = {
  /** Resolves once every file that is there now is an object. */
  settled: () => Promise<void>;
  /** Stops watching. The objects stay until the store ends. */
  stop: () => Promise<void>;
};

export type MountOptions = {
  /** Told once of each file that cannot be read. */
  onTrouble?: (file: string, error: Error) => void;
  /** Stops it, from the very beginning on: a large directory takes a while. */
  signal?: AbortSignal;
};

/** How often the whole tree is looked at, for what the system did not report. Large trees are looked at less often. */
const rescanMilliseconds = 2000;
const rescanShare = 20;
/** A file that is written without end does not hold up the start for longer. */
const longestStartMilliseconds = 2000;
const parallelFiles = 16;
/** For how long a look at many files may hold up everything else. */
const turnMilliseconds = 5;

/**
 * Makes a directory the contents of a bucket: each file an object, its path below the directory the key. Files that are
 * written, replaced or removed later become puts and deletes, with their notifications; the store never changes the
 * directory. Hidden files are left out, because programs write under hidden names what they rename when it is whole;
 * so are symbolic links, which S3 does not know and which may lead anywhere.
 * Resolves when every file that was there is an object, but those still being written. Throws what reading the directory itself throws.
 */
export async function mountDirectory(
  store: ObjectStore,
  bucket: string,
  directory: string,
  options: MountOptions = {},
): Promise<Mount> {
  const root = await realpath(directory);
  await readdir(root);
  const mount = new DirectoryMount(store, bucket, root, options);
  await mount.start();
  return mount;
}

class DirectoryMount implements Mount {
  private readonly store: ObjectStore;
  private readonly bucket: string;
  private readonly root: string;
  private readonly options: MountOptions;
  /** Files that were taken, by path. */
  private readonly taken = new Map<string, string>();
  private readonly unsettled = new UnsettledFiles();
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly toLookAt = new Set<string>();
  private readonly scheduled = new Set<string>();
  private isLooking = false;
  private looking = Promise.resolve();
  private started = false;
  private stopped = false;

  constructor(store: ObjectStore, bucket: string, root: string, options: MountOptions) {
    this.store = store;
    this.bucket = bucket;
    this.root = root;
    this.options = options;
    options.signal?.addEventListener('abort', () => void this.stop(), { once: true });
  }

  async start(): Promise<void> {
    await this.rescan();
    this.started = true;
    await Promise.race([this.settled(), sleep(longestStartMilliseconds)]);
  }

  settled = async (): Promise<void> => {
    await this.lookAt(this.root);
    while (!this.stopped && (this.unsettled.size > 0 || this.isLooking)) await sleep(stillMilliseconds / 10);
  };

  stop = async (): Promise<void> => {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const watcher of this.watchers.values()) watcher.close();
    await this.looking;
  };

  private async rescan(): Promise<void> {
    const startedAt = performance.now();
    await this.lookAt(this.root, ...this.taken.keys());
    this.later(Math.max(rescanMilliseconds, (performance.now() - startedAt) * rescanShare), () => this.rescan());
  }

  private later(milliseconds: number, action: () => Promise<void>): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void action();
    }, milliseconds);
    this.timers.add(timer);
  }

  /** Looks at paths, and at what that leads to. Only one look is under way at a time. */
  private async lookAt(...paths: string[]): Promise<void> {
    for (const path of paths) this.toLookAt.add(path);
    if (!this.isLooking) {
      this.isLooking = true;
      this.looking = this.lookAtAll();
    }
    await this.looking;
  }

  private async lookAtAll(): Promise<void> {
    let yieldedAt = performance.now();
    const worker = async (): Promise<void> => {
      for (const path of this.toLookAt) {
        if (performance.now() - yieldedAt > turnMilliseconds) {
          await setImmediate();
          yieldedAt = performance.now();
        }
        if (this.stopped) return;
        this.toLookAt.delete(path);
        await this.look(path).catch((error: unknown) => this.options.onTrouble?.(path, asError(error)));
      }
    };
    // A worker that finds nothing ends while another may yet find more; so they start again until nothing is left.
    while (this.toLookAt.size > 0 && !this.stopped) await Promise.all(Array.from({ length: parallelFiles }, worker));
    this.isLooking = false;
  }

  private async look(path: string): Promise<void> {
    const stats = statsOf(path);
    if (stats === undefined) await this.forget(path);
    else if (stats.isDirectory()) await this.enter(path);
    else if (stats.isFile()) await this.consider(path, stats);
  }

  private async enter(directory: string): Promise<void> {
    this.watch(directory);
    for (const name of await readdir(directory)) {
      if (!name.startsWith('.')) this.toLookAt.add(join(directory, name));
    }
  }

  private watch(directory: string): void {
    if (this.watchers.has(directory)) return;
    const close = (): void => {
      this.watchers.get(directory)?.close();
      this.watchers.delete(directory);
    };
    try {
      const watcher = watch(directory, (_, name) => {
        if (name?.startsWith('.') !== true) void this.lookAt(name === null ? directory : join(directory, name));
      });
      this.watchers.set(directory, watcher.on('error', close));
    } catch {
      // The system watches no more directories, or this one has gone. The next rescan finds what changes here.
      close();
    }
  }

  private async consider(file: string, stats: Stats): Promise<void> {
    const signature = signatureOf(stats);
    if (this.taken.get(file) === signature) {
      this.unsettled.delete(file);
      return;
    }
    const etag = this.unsettled.isStill(file, stats) ? await this.digest(file, stats.size, signature) : undefined;
    const after = statsOf(file);
    if (etag === undefined || after === undefined || signatureOf(after) !== signature) {
      this.lookAgain(file, stats);
      return;
    }
    this.taken.set(file, signature);
    this.unsettled.delete(file);
    await this.put(file, stats, etag);
  }

  /** Looks at the file once more when it may have come to rest; once, however often it is reported meanwhile. */
  private lookAgain(file: string, stats: Stats): void {
    this.unsettled.add(file, stats);
    if (this.scheduled.has(file)) return;
    this.scheduled.add(file);
    this.later(restMilliseconds(stats), () => {
      this.scheduled.delete(file);
      return this.lookAt(file);
    });
  }

  private async digest(file: string, sizeBytes: number, signature: string): Promise<string> {
    try {
      return await md5Of(file, sizeBytes);
    } catch (error) {
      // Reported once; the file is looked at again when it has changed.
      this.taken.set(file, signature);
      this.unsettled.delete(file);
      throw error;
    }
  }

  private async put(file: string, stats: Stats, etag: string): Promise<void> {
    // The time of the last change of the directory entry is when the file landed here; copying and moving keep mtime.
    const landedAt = new Date(Math.min(stats.ctimeMs, Date.now()));
    const object = {
      key: this.keyOf(file),
      file,
      owned: false,
      sizeBytes: stats.size,
      etag,
      contentType: 'binary/octet-stream',
      metadata: {},
      lastModified: landedAt,
      // What lay here before the stack started is told of now; its age says nothing about how fast it is loaded.
      at: this.started ? landedAt : new Date(),
      // The same file is the same write when the next run of the stack tells of it again.
      sequencer: sequencerAt(landedAt.getTime() === stats.ctime.getTime() ? stats.ctimeMs : landedAt.getTime()),
    };
    await this.store.put(this.bucket, object, 'ObjectCreated:Put');
  }

  /** A path that is no more was a file, or a directory with files below. */
  private async forget(path: string): Promise<void> {
    this.unsettled.delete(path);
    this.watchers.get(path)?.close();
    this.watchers.delete(path);
    if (!this.taken.delete(path)) {
      for (const file of this.taken.keys()) if (file.startsWith(path + sep)) this.toLookAt.add(file);
      return;
    }
    const address = { bucket: this.bucket, key: this.keyOf(path) };
    // Another object may have been put under the key since; that one stays.
    if (this.store.find(address)?.file === path) await this.store.delete(address);
  }

  private keyOf(file: string): string {
    return relative(this.root, file).replaceAll(sep, '/');
  }
}
