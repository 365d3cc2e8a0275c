import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { MAX_VALUE_BYTES } from './json-scanner.ts';
import type { Line, RootValueSplitter } from './json-values.ts';
import type { Segment } from './spool.ts';

const READ_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * Passes the physical lines of one object in the spool file to `splitter`, in order, one character per byte and without the
 * newline; a line may be longer than memory holds as long as its values are small. `afterChunk` is awaited now and then;
 * reading stops when it gives false.
 */
export async function splitSegment(
  handle: FileHandle,
  segment: Segment,
  splitter: RootValueSplitter,
  afterChunk: () => Promise<boolean>,
): Promise<void> {
  const end = segment.startBytes + segment.lengthBytes;
  const line: Line = { text: '', number: 1, startBytes: segment.startBytes };
  for (let position = segment.startBytes; position < end;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(READ_BYTES, end - position)), {
      position,
    });
    if (bytesRead === 0) throw new Error('the spool file ended before the object did');
    const chunk = buffer.subarray(0, bytesRead);
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      line.text += chunk.toString('latin1', from, at);
      splitter.push({ ...line });
      from = at + 1;
      Object.assign(line, { text: '', number: line.number + 1, startBytes: position + from });
    }
    line.text += chunk.toString('latin1', from);
    if (line.text.length > 2 * MAX_VALUE_BYTES) {
      const done = splitter.pushPart({ ...line });
      line.text = line.text.slice(done);
      line.startBytes += done;
    }
    position += bytesRead;
    if (!(await afterChunk())) return;
  }
  if (line.text !== '') splitter.push(line);
  splitter.end();
}

/** The first byte of `bytes` that is no UTF-8, as Redshift prints it; undefined when all is well. */
export function firstInvalidByte(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return undefined;
  let position = 0;
  while (position < bytes.length) {
    const length = characterBytes(bytes, position);
    if (length === 0) return bytes.toString('hex', position, position + 1);
    position += length;
  }
  return undefined;
}

/** Replaces every byte that is part of no UTF-8 character by one ASCII character. */
export function replaceInvalidBytes(bytes: Buffer, replacement: string): Buffer {
  const result = Buffer.from(bytes);
  for (let position = 0; position < bytes.length;) {
    const length = characterBytes(bytes, position);
    if (length === 0) result.write(replacement, position, 'latin1');
    position += Math.max(length, 1);
  }
  return result;
}

/** The length of the UTF-8 character at `position`, 0 when there is none. */
function characterBytes(bytes: Buffer, position: number): number {
  const lead = bytes[position] ?? 0;
  const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (position + length > bytes.length) return 0;
  return length === 1 || isUtf8(bytes.subarray(position, position + length)) ? length : 0;
}
