import { isUtf8 } from 'node:buffer';
import { realpathSync, statSync, type BigIntStats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { hasCode, isDenied, isMissing, statsOf } from '../files.ts';

/** What lies at a path of a mounted directory, links followed; or why it is left out. */
export type Found =
  | { kind: 'nothing' }
  | { kind: 'file'; stats: BigIntStats }
  | { kind: 'folder'; id: string }
  | { kind: 'denied' }
  | { kind: 'left out'; reason: string };

/** What a folder holds. Hidden names are not among it; `unnamed` are those that can be no key. */
export type Entries = { paths: string[]; unnamed: { file: string; reason: string }[] };

/** S3's limit. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY_BYTES = 1024;

/**
 * Reads a mounted directory. Links are followed wherever the user may read; but a folder has one name, so that no folder
 * is read twice, let alone for ever: its own if it lies in the directory, else that of the first link that leads to it.
 */
export class FolderEntries {
  readonly #root: string;
  /** By device and inode: under which path a folder is read. */
  readonly #names = new Map<string, string>();
  readonly #linked = new Set<string>();

  /** `root` is a real path. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Looks at a path. Throws what the file system throws, but for what is missing or not allowed. */
  find(path: string): Found {
    try {
      return this.#look(path);
    } catch (error) {
      if (isDenied(error)) return { kind: 'denied' };
      if (hasCode(error, ['ELOOP'])) return { kind: 'left out', reason: 'it is a link that leads in a circle' };
      throw error;
    }
  }

  /** Reads a folder, in the order of the names' bytes. Throws what the file system throws. */
  async read(folder: string): Promise<Entries> {
    const entries: Entries = { paths: [], unnamed: [] };
    for (const name of (await readdir(folder, { encoding: 'buffer' })).sort((a, b) => a.compare(b))) {
      if (name[0] === 0x2e) continue;
      const path = join(folder, name.toString());
      const leaveOut = (reason: string): void => void entries.unnamed.push({ file: join(folder, shown(name)), reason });
      if (!isUtf8(name)) leaveOut('its name is no UTF-8, as keys are');
      else if (Buffer.byteLength(this.keyOf(path)) > LONGEST_KEY_BYTES) {
        leaveOut(`its key would be longer than ${LONGEST_KEY_BYTES} bytes, the most that S3 takes`);
      } else entries.paths.push(path);
    }
    return entries;
  }

  /** The key of the object that a file is. */
  keyOf(path: string): string {
    return relative(this.#root, path).replaceAll(sep, '/');
  }

  #look(path: string): Found {
    const own = statsOf(path);
    if (own === undefined) return { kind: 'nothing' };
    const stats = own.isSymbolicLink() ? targetOf(path) : own;
    if (stats === undefined) return { kind: 'left out', reason: 'it is a link that leads nowhere' };
    if (stats.isFile()) return { kind: 'file', stats };
    if (!stats.isDirectory()) return { kind: 'left out', reason: 'it is neither a file nor a folder' };
    if (own.isSymbolicLink() || this.#linked.has(dirname(path))) this.#linked.add(path);
    else this.#linked.delete(path);
    return this.#claim(path, stats);
  }

  #claim(path: string, { dev, ino }: BigIntStats): Found {
    const id = `${dev}:${ino}`;
    const name = this.#names.get(id);
    if (this.#linked.has(path) && name !== path) {
      const real = realpathSync(path);
      if (this.#root === real || this.#root.startsWith(real === sep ? sep : real + sep)) {
        return { kind: 'left out', reason: 'it is a link to a folder that holds it' };
      }
      const taken = this.#isSeenBelowRoot(real) ? real : name !== undefined && isFolder(name, id) ? name : undefined;
      if (taken !== undefined) {
        return { kind: 'left out', reason: `it leads to the same folder as ${this.keyOf(taken)}` };
      }
    }
    this.#names.set(id, path);
    return { kind: 'folder', id };
  }

  /** Whether a real path below the root is read under its own name, no folder on its way being hidden. */
  #isSeenBelowRoot(real: string): boolean {
    return (
      real.startsWith(this.#root + sep) &&
      !relative(this.#root, real)
        .split(sep)
        .some((name) => name.startsWith('.'))
    );
  }
}

function targetOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isFolder(path: string, id: string): boolean {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && `${stats.dev}:${stats.ino}` === id;
}

/** A name with those bytes written out that are no ASCII. */
function shown(name: Buffer): string {
  const text = isUtf8(name) ? name.toString() : undefined;
  const escape = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16)}`;
  return text ?? name.toString('latin1').replace(/[^\x20-\x7e]/g, escape);
}
