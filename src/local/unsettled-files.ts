import type { Stats } from 'node:fs';
import { signatureOf } from './files.ts';

/** A file is whole when nobody has touched it for so long. */
export const stillMilliseconds = 150;

/** How long a file must still be left alone to be whole, going by its own clock. */
export function restMilliseconds(stats: Stats): number {
  const quietMilliseconds = Math.min(Math.max(Date.now() - stats.ctimeMs, 0), stillMilliseconds);
  // A little more than needed, because file systems tell the time in steps of some milliseconds.
  return stillMilliseconds - quietMilliseconds + 5;
}

/** Files that may still be written. */
export class UnsettledFiles {
  private readonly seen = new Map<string, { signature: string; since: number }>();

  get size(): number {
    return this.seen.size;
  }

  /** Remembers how a file looks, and since when. */
  add(file: string, stats: Stats): void {
    const signature = signatureOf(stats);
    if (this.seen.get(file)?.signature !== signature) this.seen.set(file, { signature, since: Date.now() });
  }

  delete(file: string): void {
    this.seen.delete(file);
  }

  /** Untouched for a while: by the file's own clock or, should that run ahead, by ours. */
  isStill(file: string, stats: Stats): boolean {
    const now = Date.now();
    if (now - stats.ctimeMs >= stillMilliseconds) return true;
    const seen = this.seen.get(file);
    return seen?.signature === signatureOf(stats) && now - seen.since >= stillMilliseconds;
  }
}
