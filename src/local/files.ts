import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readFileSync, type Stats } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { types } from 'node:util';

/**
 * What lies at a path, not following links; undefined when nothing does. It does not wait for a thread, as a promise
 * would: for the many small files of a directory that takes ten times as long as the call itself.
 */
export function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a file operation failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** What tells one content of a file from the next without reading it. */
export function signatureOf(stats: Stats): string {
  return `${stats.size}:${stats.mtimeMs}:${stats.ino}`;
}

/** Below this a file is read in one go, for the same reason. */
const smallBytes = 256 * 1024;

/** The md5 of a file's bytes, in hex. `sizeBytes` need only be about right. */
export async function md5Of(file: string, sizeBytes: number): Promise<string> {
  const hash = createHash('md5');
  if (sizeBytes <= smallBytes) return hash.update(readFileSync(file)).digest('hex');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Up to this size the bytes of an object are read in one go, too. */
const wholeBytes = 1024 * 1024;

/** The bytes of a file that is small; undefined when it is not, or when it is gone. `sizeBytes` need only be about right. */
export function readSmall(file: string, sizeBytes: number): Uint8Array | undefined {
  if (sizeBytes > wholeBytes) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
