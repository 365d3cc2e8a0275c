import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from './as-error.ts';
import { hasCode } from './files.ts';
import type { ObjectStore } from './s3/object-store.ts';

/** The home directory cannot be used: it is not writable, not a folder, or its disk is full. */
export class HomeUnusable extends Error {
  override readonly name = 'HomeUnusable';
  readonly hint: string;
  constructor(message: string, hint: string, cause: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

const ANOTHER = 'Use a folder of your own: npm start -- --home .sparkify-2';

/** Turns errors about files below `home` into `HomeUnusable`; returns any other error unchanged. */
export function homeError(error: unknown, home: string): unknown {
  const { message } = toError(error);
  if (hasCode(error, ['ENOSPC', 'EDQUOT']) || /no space left on device|disk quota exceeded/i.test(message)) {
    const hint = 'Free some space, or use a folder on another disk: npm start -- --home FOLDER';
    return new HomeUnusable(`The disk of ${home} is full. Everything acknowledged is kept.`, hint, error);
  }
  if (!message.includes(home)) return error;
  if (hasCode(error, ['EACCES', 'EPERM', 'EROFS']) || /permission denied|read-only file system/i.test(message)) {
    return new HomeUnusable(`${home}, or a file in it, is not writable.`, ANOTHER, error);
  }
  if (hasCode(error, ['ENOTDIR', 'EEXIST'])) return new HomeUnusable(`${home} is not a folder.`, ANOTHER, error);
  return error;
}

/** Removes what a killed process left in its scratch directory. Throws what the file system throws. */
export async function clearScratch(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true });
}

/** As in the deployment's lifecycle rule (`src/deploy/storage.yml`), plus a maximum number, because a laptop's disk is small. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
const KEPT_FILES = 1000;
const EXPIRY_MS = 60_000;

/**
 * Removes control files below a prefix that are old or beyond the newest thousand: now, and every minute until it is stopped. One that cannot
 * be removed is told of by `report`, and keeps no other.
 */
export async function expireControlFiles(
  store: ObjectStore,
  { bucket, prefix }: { bucket: string; prefix: string },
  report: (problem: string) => void,
): Promise<() => Promise<void>> {
  const expire = async (): Promise<void> => {
    const { objects } = store.page(bucket, { prefix, limit: Infinity });
    const newestFirst = objects.sort((a, b) => b.atMs - a.atMs);
    const oldest = Date.now() - KEPT_MS;
    for (const [index, { key, atMs }] of newestFirst.entries()) {
      if (index < KEPT_FILES && atMs >= oldest) continue;
      await store.delete({ bucket, key }).catch((error: unknown) => {
        report(`The expired control file ${key} could not be removed: ${toError(error).message}`);
      });
    }
  };
  await expire();
  const expireLater = async (): Promise<void> => {
    await expire().catch((error: unknown) => {
      report(`Control files could not be expired: ${toError(error).message}`);
    });
  };
  const timer = setInterval(() => void expireLater(), EXPIRY_MS).unref();
  return () => {
    clearInterval(timer);
    return Promise.resolve();
  };
}
