import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { types } from 'node:util';

/**
 * What lies at a path, not following links; undefined when nothing does. It does not wait for a thread, as a promise
 * would: for the many small files of a directory that takes ten times as long as the call itself.
 */
export function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a file operation failed because there is no such file, or something that holds no bytes. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, ['ENOENT', 'ENOTDIR', 'ENXIO', 'EISDIR']);
}

/** Whether a file operation failed because the user has not the right. */
export function isDenied(error: unknown): boolean {
  return hasCode(error, ['EACCES', 'EPERM']);
}

/** Whether this is an error of the operating system with one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return types.isNativeError(error) && 'code' in error && codes.includes(String(error.code));
}

/** Identifies a file's content without reading it: any write changes one of these. */
export function signatureOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

/**
 * Whether two signatures may belong to the same content: true for a file whose permissions or name changed, and for one that was
 * overwritten with its times preserved.
 */
export function mayBeSame(one: string, other: string): boolean {
  const sizeAndTime = (signature: string): string[] => signature.split(':', 2);
  return sizeAndTime(one).join() === sizeAndTime(other).join();
}

// Opening a pipe would wait for its other end, possibly forever.
const FOR_READING = constants.O_RDONLY | constants.O_NONBLOCK;

function refuseOther(isFile: boolean, file: string): void {
  if (!isFile) throw Object.assign(new Error(`${file} is no file`), { code: 'ENOENT' });
}

/** Opens a file for reading. What is no file, such as a pipe, is missing. Throws what the file system throws. */
export async function openFile(file: string): Promise<FileHandle> {
  const handle = await open(file, FOR_READING);
  try {
    refuseOther((await handle.stat()).isFile(), file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Throws what the file system throws when a file cannot be read; what is no file is missing. */
export function checkReadable(file: string): void {
  withFile(file, () => undefined);
}

/** Opens a file, at once. What is no file is missing. Throws what the file system throws. */
function withFile<Result>(file: string, use: (descriptor: number, sizeBytes: number) => Result): Result {
  const descriptor = openSync(file, FOR_READING);
  try {
    const stats = fstatSync(descriptor);
    refuseOther(stats.isFile(), file);
    return use(descriptor, stats.size);
  } finally {
    closeSync(descriptor);
  }
}

/** The bytes of an open file. Of ten thousand small ones, asking each for its size once more takes as long as reading them. */
function readWhole(
  descriptor: number,
  sizeBytes: number,
  allocate = (bytes: number): Uint8Array => Buffer.allocUnsafe(bytes),
): Uint8Array {
  const bytes = allocate(sizeBytes);
  let read = 0;
  for (let more = -1; more !== 0 && read < sizeBytes; read += more)
    more = readSync(descriptor, bytes, read, sizeBytes - read, null);
  return bytes.subarray(0, read);
}

/** Below this a file is read in one go, for the same reason. */
const SMALL_BYTES = 256 * 1024;

/** The md5 of a file's bytes, in hex. `sizeBytes` need only be about right. Throws what the file system throws. */
export async function md5Of(file: string, sizeBytes: number): Promise<string> {
  const hash = createHash('md5');
  if (sizeBytes <= SMALL_BYTES) return hash.update(withFile(file, readWhole)).digest('hex');
  await pipeline((await openFile(file)).createReadStream(), hash);
  return hash.digest('hex');
}

/** Up to this size the bytes of an object are read in one go, too. */
const WHOLE_BYTES = 1024 * 1024;

/**
 * The bytes of a file that is small, in memory that `allocate` gives; undefined when it is not, or when it is gone.
 * `sizeBytes` need only be about right.
 */
export function readSmall(
  file: string,
  sizeBytes: number,
  allocate?: (bytes: number) => Uint8Array,
): Uint8Array | undefined {
  if (sizeBytes > WHOLE_BYTES) return undefined;
  try {
    return withFile(file, (descriptor, bytes) => readWhole(descriptor, bytes, allocate));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
