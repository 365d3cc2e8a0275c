import { closeSync, createReadStream, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { isMissing } from './files.ts';

/** Beyond this, and twice what the state needed when it was last written whole, the file is written anew. */
const SPARE_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * A file of JSON lines that keeps a state over the death of its process: a change is in the file when `append` returns. A
 * line that was cut off by that death is passed over. It does not wait for the disk, so a machine that loses its power may
 * lose the last moments.
 */
export class Journal {
  readonly #file: string;
  readonly #snapshot: () => Iterable<unknown>;
  #descriptor: number | undefined;
  #sizeBytes = 0;
  #limitBytes = 0;
  #isRewriteDue = false;

  /**
   * Writes the file whole, from lines of which the state can be made again (`snapshot`), and goes on with it. Read what a
   * former process left with `readJournal` before. Throws what the file system throws.
   */
  constructor(file: string, snapshot: () => Iterable<unknown>) {
    this.#file = file;
    this.#snapshot = snapshot;
    this.#rewrite();
  }

  /** Writes one change. Throws what the file system throws; the file then is as it was. */
  append(line: unknown): void {
    if (this.#descriptor === undefined) throw new Error(`${this.#file} is closed.`);
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      writeWhole(this.#descriptor, bytes, this.#sizeBytes);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += bytes.length;
    if (this.#sizeBytes > this.#limitBytes) this.#rewriteSoon();
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Later, because the change that was just written is not in the state yet. */
  #rewriteSoon(): void {
    if (this.#isRewriteDue) return;
    this.#isRewriteDue = true;
    setImmediate(() => {
      this.#isRewriteDue = false;
      if (this.#descriptor === undefined) return;
      try {
        this.#rewrite();
      } catch {
        // A full disk: the file that is there holds everything, so it only goes on growing.
        this.#limitBytes = this.#sizeBytes * 2;
      }
    });
  }

  #rewrite(): void {
    const unfinished = `${this.#file}.unfinished`;
    const descriptor = openSync(unfinished, 'w');
    let sizeBytes = 0;
    try {
      for (const piece of pieces(this.#snapshot())) {
        writeWhole(descriptor, piece, sizeBytes);
        sizeBytes += piece.length;
      }
      renameSync(unfinished, this.#file);
    } catch (error) {
      closeSync(descriptor);
      rmSync(unfinished, { force: true });
      throw error;
    }
    this.close();
    this.#descriptor = descriptor;
    this.#sizeBytes = sizeBytes;
    this.#limitBytes = sizeBytes * 2 + SPARE_BYTES;
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

function* pieces(lines: Iterable<unknown>): Generator<Buffer> {
  let held: string[] = [];
  let heldLength = 0;
  for (const line of lines) {
    const text = `${JSON.stringify(line)}\n`;
    held.push(text);
    heldLength += text.length;
    if (heldLength < PIECE_BYTES) continue;
    yield Buffer.from(held.join(''));
    held = [];
    heldLength = 0;
  }
  yield Buffer.from(held.join(''));
}

/** The lines of a journal that are whole; none when there is no file. Throws what the file system throws. */
export async function* readJournal(file: string): AsyncGenerator {
  let held: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      const bytes = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      held = bytes.subarray(end);
      yield* bytes.toString('utf8', 0, end).split('\n').flatMap(parsed);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text) as unknown];
  } catch {
    return [];
  }
}
