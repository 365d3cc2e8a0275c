import type { BigIntStats } from 'node:fs';
import { signatureOf } from '../files.ts';

/** A file is whole when nobody has touched it for so long. */
export const QUIET_MS = 150;

/** How long a file must still be left alone to be whole, going by its own clock. */
export function remainingQuietMs(stats: BigIntStats): number {
  const untouched = Math.min(Math.max(Date.now() - Number(stats.ctimeMs), 0), QUIET_MS);
  // A little more than needed, because file systems tell the time in steps of some milliseconds.
  return QUIET_MS - untouched + 5;
}

/** Files that may still be written. */
export class UnstableFiles {
  readonly #seen = new Map<string, { signature: string; since: number }>();

  /** Those there are now. */
  files(): string[] {
    return [...this.#seen.keys()];
  }

  has(file: string): boolean {
    return this.#seen.has(file);
  }

  /** Remembers how a file looks, and since when. */
  add(file: string, stats: BigIntStats): void {
    const signature = signatureOf(stats);
    if (this.#seen.get(file)?.signature !== signature) this.#seen.set(file, { signature, since: Date.now() });
  }

  delete(file: string): void {
    this.#seen.delete(file);
  }

  /** Untouched for a while: by the file's own clock or, should that run ahead, by ours. */
  isStill(file: string, stats: BigIntStats): boolean {
    const now = Date.now();
    if (now - Number(stats.ctimeMs) >= QUIET_MS) return true;
    const seen = this.#seen.get(file);
    return seen?.signature === signatureOf(stats) && now - seen.since >= QUIET_MS;
  }
}
