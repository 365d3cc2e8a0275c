import type { FileHandle } from 'node:fs/promises';

/** Bytes gathered before they are written. */
const gatherBytes = 1024 * 1024;

const comma = 44;

/** Appends to a file in few large writes. The caller flushes when the writer is full, and at the end. */
export class GatheringWriter {
  private readonly handle: FileHandle;
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  private lastByte = 0;
  /** Where in the file the next chunk will begin. */
  positionBytes = 0;
  /** Whether what was written so far has a comma before a closing bracket. */
  hasTrailingCommas = false;

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
    this.hasTrailingCommas ||= hasTrailingComma(buffer, this.lastByte);
    this.lastByte = buffer.at(-1) ?? this.lastByte;
    for (let written = 0; written < buffer.length;) {
      written += (await this.handle.write(buffer, written)).bytesWritten;
    }
  }
}

/** Looks only at closing brackets, so it costs no more than counting lines. `before` is the byte before the chunk. */
function hasTrailingComma(chunk: Uint8Array, before: number): boolean {
  for (const closing of [125, 93]) {
    for (let at = chunk.indexOf(closing); at >= 0; at = chunk.indexOf(closing, at + 1)) {
      let previous = at - 1;
      while (previous >= 0 && (chunk[previous] === 32 || chunk[previous] === 9)) previous--;
      if ((previous < 0 ? before : chunk[previous]) === comma) return true;
    }
  }
  return false;
}
