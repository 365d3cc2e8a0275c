import { sep } from 'node:path';

/** A file, folder or link that is no object, and why, in words that follow "is left out:". */
export type SkippedFile = { file: string; reason: string };

/** What is left out of a mounted directory now. Each is reported once, and again when its reason changes. */
export class SkippedFiles {
  readonly #reasons = new Map<string, string>();
  /** Names that can be no key, by folder: no path leads to them. */
  readonly #unnamed = new Map<string, readonly SkippedFile[]>();
  readonly #report: ((file: string, error: Error) => void) | undefined;

  constructor(report: ((file: string, error: Error) => void) | undefined) {
    this.#report = report;
  }

  add(file: string, reason: string): void {
    if (this.#reasons.get(file) === reason) return;
    this.#reasons.set(file, reason);
    this.#report?.(file, new Error(reason));
  }

  replaceUnnamed(folder: string, unnamed: readonly SkippedFile[]): void {
    const known = this.#unnamed.get(folder) ?? [];
    for (const { file, reason } of unnamed) {
      if (!known.some((one) => one.file === file)) this.#report?.(file, new Error(reason));
    }
    if (unnamed.length > 0) this.#unnamed.set(folder, unnamed);
    else this.#unnamed.delete(folder);
  }

  delete(file: string): void {
    this.#reasons.delete(file);
  }

  /** Forgets what lay below a folder that is gone. */
  deleteBelow(folder: string): void {
    for (const file of this.#reasons.keys()) if (file.startsWith(folder + sep)) this.#reasons.delete(file);
    for (const one of this.#unnamed.keys()) {
      if (one === folder || one.startsWith(folder + sep)) this.#unnamed.delete(one);
    }
  }

  /** Those that can be looked at again. */
  paths(): Iterable<string> {
    return this.#reasons.keys();
  }

  all(): SkippedFile[] {
    return [...[...this.#reasons].map(([file, reason]) => ({ file, reason })), ...[...this.#unnamed.values()].flat()];
  }
}
