const [newline, tab, carriageReturn, blank, comma, hyphen] = [10, 9, 13, 32, 44, 45];
const CLOSINGS = [125, 93];

/** Bytes that JSON does not allow, some of which the engine's reader skips around a document. */
const FOREIGN_BYTES = [0, 11, 12];

/** The engine's reader skips a byte order mark at the start of a file. */
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** As many bytes of what came before as are kept, to judge what a chunk's edge cuts. */
const KEPT_BYTES = 32;

const NO_NUMBER = /[nN][aA][nN]|[iI][nN][fF]/g;

/**
 * Looks through JSON text, chunk by chunk, for what the engine's parser lets pass although this COPY refuses it: NaN and
 * Infinity, a comma before a closing bracket, control characters or a byte order mark around a document, and an escaped NUL. It may find what
 * is only the content of a string, and never misses what is not. Search is by rare bytes and short words, so that it costs
 * little beside the parsing.
 */
export class SuspiciousJson {
  found = false;
  #kept: Buffer = Buffer.alloc(0);
  /** Whether there was more before what is kept. */
  #hasEarlier = false;

  /** Looks at the next chunk. */
  look(chunk: Buffer): void {
    if (this.found) return;
    const bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.found =
      FOREIGN_BYTES.some((byte) => chunk.includes(byte)) ||
      bytes.includes(BYTE_ORDER_MARK) ||
      bytes.includes('\\u0000') ||
      this.#hasTrailingComma(bytes) ||
      this.#hasNoNumber(bytes);
    this.#hasEarlier ||= bytes.length > KEPT_BYTES;
    this.#kept = Buffer.from(bytes.subarray(-KEPT_BYTES));
  }

  #hasTrailingComma(bytes: Buffer): boolean {
    for (const closing of CLOSINGS) {
      let at = bytes.indexOf(closing, this.#kept.length);
      for (; at >= 0; at = bytes.indexOf(closing, at + 1)) {
        const before = this.#before(bytes, at, isBlank);
        if (before === undefined || before === comma) return true;
      }
    }
    return false;
  }

  #hasNoNumber(bytes: Buffer): boolean {
    const text = bytes.toString('latin1');
    NO_NUMBER.lastIndex = 0;
    for (let hit = NO_NUMBER.exec(text); hit; hit = NO_NUMBER.exec(text)) {
      const end = hit.index + (/^infinity$/i.test(text.slice(hit.index, hit.index + 8)) ? 8 : 3);
      // What the last chunk could tell is not asked again, and what this one cannot tell is left to the next.
      if (end < this.#kept.length || end >= text.length) continue;
      if (!/[ \t\r\n,\]}]/.test(text.charAt(end))) continue;
      const before = this.#before(bytes, hit.index, (byte) => isBlank(byte) || byte === hyphen);
      if (before === undefined || /[:,[]/.test(String.fromCharCode(before))) return true;
    }
    return false;
  }

  /** The byte before `at` that is not skipped, 0 at the beginning of the text, undefined when it is out of sight. */
  #before(bytes: Buffer, at: number, isSkipped: (byte: number) => boolean): number | undefined {
    let position = at - 1;
    while (position >= 0 && isSkipped(bytes[position] ?? 0)) position--;
    return position < 0 && this.#hasEarlier ? undefined : (bytes[position] ?? 0);
  }
}

function isBlank(byte: number): boolean {
  return byte === blank || byte === newline || byte === carriageReturn || byte === tab;
}
