import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ObjectStore } from '../../../src/local/s3/object-store.ts';
import type { ObjectChange } from '../../../src/local/s3/stored-object.ts';
import { watchDirectory, type WatchedDirectory } from '../../../src/local/directory/watch-directory.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export const bucket = 'lake';
// Root may read everything; who is to be refused must be somebody else.
const asRoot = process.geteuid?.() === 0;

/** A store, a folder to mount, and what the store told of; all in a directory of its own. */
export class DataFolder {
  home = '';
  store!: ObjectStore;
  changes: ObjectChange[] = [];
  #mount: WatchedDirectory | undefined;

  async make(): Promise<void> {
    if (asRoot) process.seteuid!(65534);
    this.home = await temporaryFolder('folder');
    await mkdir(this.at('log_data'), { recursive: true });
    await this.open();
  }

  async remove(): Promise<void> {
    await this.close();
    if (asRoot) process.seteuid!(0);
    await rm(this.home, { recursive: true });
  }

  async open(): Promise<void> {
    this.store = await ObjectStore.open(join(this.home, 'objects'));
    this.store.createBucket(bucket);
    this.changes = [];
    this.store.onChange((change) => this.changes.push(change));
  }

  async mount(): Promise<void> {
    this.#mount = await watchDirectory(this.store, bucket, join(this.home, 'data'));
  }

  async close(): Promise<void> {
    await this.#mount?.stop();
    this.#mount = undefined;
    this.store.close();
  }

  /** Ends the run and begins the next, on the same home and folder. */
  async restart(): Promise<void> {
    await this.close();
    await this.open();
    await this.mount();
  }

  at(path: string): string {
    return join(this.home, 'data', path);
  }

  told(): string[] {
    return this.changes.map(({ name, object }) => `${name} ${object.key}`);
  }

  keys(): string[] {
    return this.store.page(bucket, { limit: 1000 }).objects.map(({ key }) => key);
  }

  left(): string[] {
    return this.#mount!.leftOut().map(({ file, reason }) => `${file.slice(this.at('').length + 1)}: ${reason}`);
  }

  /** Waits until something is so, at most 20 seconds; then until nothing is under way. */
  async until(isSo: () => boolean): Promise<void> {
    for (let waited = 0; !isSo() && waited < 20_000; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.#mount!.quiet();
  }

  async putByClient(key: string, body: string): Promise<void> {
    const { md5: etag, ...spooled } = await this.store.spool(Readable.from([Buffer.from(body)]));
    const object = { key, ...spooled, etag, owned: true, contentType: 'c', metadata: {}, atMs: Date.now() };
    await this.store.put(bucket, object, 'ObjectCreated:Put');
  }
}
