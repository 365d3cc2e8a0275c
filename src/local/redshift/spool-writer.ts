import type { FileHandle } from 'node:fs/promises';

/** Bytes gathered before they are written. */
const gatherBytes = 1024 * 1024;

/** Appends to a file in few large writes. The caller flushes when the writer is full, and at the end. */
export class GatheringWriter {
  private readonly handle: FileHandle;
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  /** Where in the file the next chunk will begin. */
  positionBytes = 0;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  get isFull(): boolean {
    return this.gatheredBytes >= gatherBytes;
  }

  add(chunk: Uint8Array): void {
    this.gathered.push(chunk);
    this.gatheredBytes += chunk.length;
    this.positionBytes += chunk.length;
  }

  async flush(): Promise<void> {
    const buffer = Buffer.concat(this.gathered, this.gatheredBytes);
    this.gathered = [];
    this.gatheredBytes = 0;
    for (let written = 0; written < buffer.length;) {
      written += (await this.handle.write(buffer, written)).bytesWritten;
    }
  }
}
