import type { FileHandle } from 'node:fs/promises';
import { withRoom } from './room.ts';

/** Bytes gathered before they are written. */
const GATHER_BYTES = 1024 * 1024;

/** The size of a writer's first block of memory: most files are small. */
const FIRST_BLOCK_BYTES = 64 * 1024;

/**
 * Appends to a file in few large writes. The caller flushes when the writer is full, one flush at a time, and finishes at the end.
 *
 * Bytes are gathered in two blocks of memory that take turns. A buffer for each chunk instead would make the collector of
 * garbage, which runs by how much memory was asked for, mark everything the process holds several times for each gigabyte.
 */
export class BufferedWriter {
  readonly #handle: FileHandle;
  readonly #look: (bytes: Buffer) => void;
  #block: Buffer = Buffer.allocUnsafeSlow(FIRST_BLOCK_BYTES);
  #otherBlock: Buffer = Buffer.alloc(0);
  #filledBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Where in the file the next chunk will begin. */
  positionBytes = 0;

  /** `look` is shown everything that is written, in order; the bytes are overwritten afterwards. */
  constructor(handle: FileHandle, look: (bytes: Buffer) => void = () => undefined) {
    this.#handle = handle;
    this.#look = look;
  }

  get isFull(): boolean {
    return this.#filledBytes >= GATHER_BYTES;
  }

  /** Memory for a chunk that is added next: adding it then copies nothing. */
  reserve(bytes: number): Buffer {
    const needed = this.#filledBytes + bytes;
    this.#block = withRoom(this.#block, this.#filledBytes, needed);
    return this.#block.subarray(this.#filledBytes, needed);
  }

  add(chunk: Uint8Array): void {
    const place = this.reserve(chunk.length);
    if (chunk.buffer !== place.buffer || chunk.byteOffset !== place.byteOffset) place.set(chunk);
    this.#filledBytes += chunk.length;
    this.positionBytes += chunk.length;
  }

  /** Begins to write what is gathered, as soon as what was gathered before is written. Throws what writing that threw. */
  async flush(): Promise<void> {
    await this.#writing;
    const full = this.#block;
    const bytes = full.subarray(0, this.#filledBytes);
    this.#block = this.#otherBlock;
    this.#otherBlock = full;
    this.#filledBytes = 0;
    // Another thread writes meanwhile. The next flush, or the end, hears of its failure.
    this.#writing = this.#write(bytes);
    this.#writing.catch(() => undefined);
    this.#look(bytes);
  }

  /** Writes what is left and waits until all is written. Throws what writing threw. */
  async finish(): Promise<void> {
    await this.flush();
    await this.#writing;
  }

  async #write(buffer: Buffer): Promise<void> {
    for (let written = 0; written < buffer.length;) {
      written += (await this.#handle.write(buffer, written)).bytesWritten;
    }
  }
}
