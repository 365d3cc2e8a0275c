import { MAX_DEPTH, MAX_VALUE_BYTES } from './json-scanner.ts';
import { withRoom } from './room.ts';

const [newline, tab, carriageReturn, blank, comma, hyphen] = [10, 9, 13, 32, 44, 45];
const CLOSINGS = [125, 93];

/** Bytes that JSON does not allow, some of which the engine's reader skips around a document. */
const FOREIGN_BYTES = [0, 11, 12];

/** The engine's reader skips a byte order mark at the start of a file. */
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** As many bytes of what came before as are kept, to judge what a chunk's edge cuts. */
const KEPT_BYTES = 32;

/** A row of more brackets may be nested deeper than this COPY allows. One of the two kinds has at least half of them. */
const MAX_CLOSINGS = MAX_DEPTH / 2;

/** Text is searched in strings of this size: larger ones would not be garbage that costs nothing. */
const WINDOW_BYTES = 64 * 1024;

/** How far behind its beginning `NO_NUMBER` must be seen. */
const NO_NUMBER_BYTES = 'nan'.length;

const NO_NUMBER = /[nN][aA][nN]|[iI][nN][fF]/g;

/**
 * Looks through JSON text, chunk by chunk, for what the engine's parser lets pass although this COPY refuses it: NaN and
 * Infinity, a comma before a closing bracket, control characters or a byte order mark around a document, an escaped NUL, and rows that
 * are too large or nested too deep. It may find what
 * is only the content of a string, and never misses what is not. Search is by rare bytes and short words, so that it costs
 * little beside the parsing.
 */
export class SuspiciousJson {
  found = false;
  #keptBytes = 0;
  /** What was kept and the next chunk, one behind the other. It is used again, since it would be as much garbage as there is text. */
  #bytes: Buffer = Buffer.alloc(0);
  /** Whether there was more before what is kept. */
  #hasEarlier = false;
  /** Bytes of the last row so far. */
  #rowBytes = 0;
  /** Closing brackets in the last row so far, of each kind. */
  readonly #closings = CLOSINGS.map(() => 0);

  /** Looks at the next chunk. */
  look(chunk: Buffer): void {
    if (this.found) return;
    const bytes = this.#withKept(chunk);
    this.found =
      FOREIGN_BYTES.some((byte) => chunk.includes(byte)) ||
      bytes.includes(BYTE_ORDER_MARK) ||
      bytes.includes('\\u0000') ||
      this.#hasTrailingCommaOrDepth(bytes) ||
      this.#hasNoNumber(bytes) ||
      this.#hasLargeRow(chunk);
    this.#hasEarlier ||= bytes.length > KEPT_BYTES;
    const kept = bytes.subarray(-KEPT_BYTES);
    this.#bytes.set(kept);
    this.#keptBytes = kept.length;
  }

  #withKept(chunk: Buffer): Buffer {
    const length = this.#keptBytes + chunk.length;
    this.#bytes = withRoom(this.#bytes, this.#keptBytes, length);
    this.#bytes.set(chunk, this.#keptBytes);
    return this.#bytes.subarray(0, length);
  }

  #hasTrailingCommaOrDepth(bytes: Buffer): boolean {
    return CLOSINGS.some((closing, kind) => {
      let closings = this.#closings[kind] ?? 0;
      let rowEnd = endOfRow(bytes, this.#keptBytes);
      let at = bytes.indexOf(closing, this.#keptBytes);
      for (; at >= 0; at = bytes.indexOf(closing, at + 1)) {
        if (at > rowEnd) [closings, rowEnd] = [0, endOfRow(bytes, at)];
        closings += 1;
        const before = this.#before(bytes, at, isBlank);
        if (before === undefined || before === comma || closings > MAX_CLOSINGS) return true;
      }
      this.#closings[kind] = rowEnd < bytes.length ? 0 : closings;
      return false;
    });
  }

  #hasLargeRow(chunk: Buffer): boolean {
    let rowStart = -this.#rowBytes;
    while (chunk.length - rowStart > MAX_VALUE_BYTES) {
      const end = chunk.lastIndexOf(newline, rowStart + MAX_VALUE_BYTES);
      if (end < Math.max(rowStart, 0)) return true;
      rowStart = end + 1;
    }
    const last = chunk.lastIndexOf(newline);
    this.#rowBytes = last < 0 ? this.#rowBytes + chunk.length : chunk.length - last - 1;
    return false;
  }

  #hasNoNumber(bytes: Buffer): boolean {
    for (let from = 0; from < bytes.length; from += WINDOW_BYTES) {
      const text = bytes.toString('latin1', from, from + WINDOW_BYTES + NO_NUMBER_BYTES);
      NO_NUMBER.lastIndex = 0;
      for (let hit = NO_NUMBER.exec(text); hit; hit = NO_NUMBER.exec(text)) {
        if (hit.index < WINDOW_BYTES && this.#isNoNumber(bytes, from + hit.index)) return true;
      }
    }
    return false;
  }

  /** Whether what begins like NaN or Infinity stands where a number could. */
  #isNoNumber(bytes: Buffer, at: number): boolean {
    const end = at + (/^infinity$/i.test(bytes.toString('latin1', at, at + 8)) ? 8 : 3);
    // What the last chunk could tell is not asked again, and what this one cannot tell is left to the next.
    if (end < this.#keptBytes || end >= bytes.length) return false;
    if (!/[ \t\r\n,\]}]/.test(String.fromCharCode(bytes[end] ?? 0))) return false;
    const before = this.#before(bytes, at, (byte) => isBlank(byte) || byte === hyphen);
    return before === undefined || /[:,[]/.test(String.fromCharCode(before));
  }

  /** The byte before `at` that is not skipped, 0 at the beginning of the text, undefined when it is out of sight. */
  #before(bytes: Buffer, at: number, isSkipped: (byte: number) => boolean): number | undefined {
    let position = at - 1;
    while (position >= 0 && isSkipped(bytes[position] ?? 0)) position--;
    return position < 0 && this.#hasEarlier ? undefined : (bytes[position] ?? 0);
  }
}

/** Where the row ends that `from` is in; behind the bytes when they hold no end of it. */
function endOfRow(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end < 0 ? bytes.length : end;
}

function isBlank(byte: number): boolean {
  return byte === blank || byte === newline || byte === carriageReturn || byte === tab;
}
