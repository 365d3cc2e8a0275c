import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from './as-error.ts';
import { hasCode } from './files.ts';
import type { ObjectStore } from './s3/object-store.ts';

/** The home directory cannot be used: it may not be written, is no folder, or its disk is full. */
export class HomeUnusable extends Error {
  override readonly name = 'HomeUnusable';
  readonly hint: string;
  constructor(message: string, hint: string, cause: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

const ANOTHER = 'Use a folder of your own: npm start -- --home .sparkify-2';

/** What the system or the engine said of files below `home`, as `HomeUnusable`; any other error as it is. */
export function homeError(error: unknown, home: string): unknown {
  const { message } = toError(error);
  if (hasCode(error, ['ENOSPC', 'EDQUOT']) || /no space left on device|disk quota exceeded/i.test(message)) {
    const hint = 'Free some space, or use a folder on another disk: npm start -- --home FOLDER';
    return new HomeUnusable(`The disk of ${home} is full. What was acknowledged is kept.`, hint, error);
  }
  if (!message.includes(home)) return error;
  if (hasCode(error, ['EACCES', 'EPERM', 'EROFS']) || /permission denied|read-only file system/i.test(message)) {
    return new HomeUnusable(`${home}, or a file in it, may not be written.`, ANOTHER, error);
  }
  if (hasCode(error, ['ENOTDIR', 'EEXIST'])) return new HomeUnusable(`${home} is no folder.`, ANOTHER, error);
  return error;
}

/** Removes what a killed process left in its scratch directory. Throws what the file system throws. */
export async function clearScratch(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true });
}

/** As the deployment's lifecycle rule has it (`src/deploy/storage.yml`); and no more of them, because a laptop's disk is small. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
const KEPT_FILES = 1000;
const EXPIRY_MS = 60_000;

/**
 * Removes control files that are old or beyond the newest thousand: now, and every minute until it is stopped. One that cannot
 * be removed is told of by `report`, and keeps no other.
 */
export async function expireControlFiles(
  store: ObjectStore,
  bucket: string,
  report: (problem: string) => void,
): Promise<() => Promise<void>> {
  const expire = async (): Promise<void> => {
    const newestFirst = store.page(bucket, { limit: Infinity }).objects.sort((a, b) => b.at.getTime() - a.at.getTime());
    const oldest = Date.now() - KEPT_MS;
    for (const [index, { key, at }] of newestFirst.entries()) {
      if (index < KEPT_FILES && at.getTime() >= oldest) continue;
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
