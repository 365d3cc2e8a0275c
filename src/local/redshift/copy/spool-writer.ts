import type { FileHandle } from 'node:fs/promises';

/** Bytes gathered before they are written. */
const GATHER_BYTES = 1024 * 1024;

/** Appends to a file in few large writes. The caller flushes when the writer is full, and at the end. */
export class BufferedWriter {
  readonly #handle: FileHandle;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  readonly #look: (bytes: Buffer) => void;
  /** Where in the file the next chunk will begin. */
  positionBytes = 0;

  /** `look` is shown everything that is written, in order. */
  constructor(handle: FileHandle, look: (bytes: Buffer) => void = () => undefined) {
    this.#handle = handle;
    this.#look = look;
  }

  get isFull(): boolean {
    return this.#gatheredBytes >= GATHER_BYTES;
  }

  add(chunk: Uint8Array): void {
    this.#gathered.push(chunk);
    this.#gatheredBytes += chunk.length;
    this.positionBytes += chunk.length;
  }

  async flush(): Promise<void> {
    const buffer = Buffer.concat(this.#gathered, this.#gatheredBytes);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    // Another thread writes meanwhile.
    const writing = this.#write(buffer);
    this.#look(buffer);
    await writing;
  }

  async #write(buffer: Buffer): Promise<void> {
    for (let written = 0; written < buffer.length;) {
      written += (await this.#handle.write(buffer, written)).bytesWritten;
    }
  }
}
