import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import type { Line } from './json-values.ts';
import type { Segment } from './spool.ts';

const readBytes = 1024 * 1024;
const newline = 10;

/** The engine reads no longer JSON value, and neither line nor value may take more memory than this. */
export const valueBytesMax = 16_000_000;

/**
 * The physical lines of one object in the spool file, in order; a line's text has one character per byte and no
 * newline. A line longer than `valueBytesMax` comes with `text` undefined.
 */
export async function* segmentLines(
  handle: FileHandle,
  segment: Segment,
): AsyncGenerator<Line | { text: undefined; number: number; startBytes: number }> {
  const end = segment.startBytes + segment.lengthBytes;
  let number = 1;
  let startBytes = segment.startBytes;
  let pieces: string[] = [];
  let pieceBytes = 0;
  const line = (): Line | { text: undefined; number: number; startBytes: number } => ({
    text: pieceBytes > valueBytesMax ? undefined : pieces.join(''),
    number,
    startBytes,
  });
  for (let position = segment.startBytes; position < end;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(readBytes, end - position)), {
      position,
    });
    if (bytesRead === 0) throw new Error('the spool file ended before the object did');
    const chunk = buffer.subarray(0, bytesRead);
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      pieceBytes += at - from;
      if (pieceBytes <= valueBytesMax) pieces.push(chunk.toString('latin1', from, at));
      yield line();
      number++;
      from = at + 1;
      startBytes = position + from;
      pieces = [];
      pieceBytes = 0;
    }
    pieceBytes += chunk.length - from;
    if (pieceBytes <= valueBytesMax) pieces.push(chunk.toString('latin1', from));
    position += bytesRead;
  }
  if (pieceBytes > 0) yield line();
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
