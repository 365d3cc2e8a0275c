/**
 * One root-level JSON object of a file: its bytes, the physical line on which it begins, from 1, and which of the objects that
 * begin on that line it is, from 1.
 */
export type RootObject = { bytes: Uint8Array; line: number; nth: number };

/** A file whose content is not a sequence of JSON objects that the loader could have loaded. */
export class UnreadableContent extends Error {
  override readonly name = 'UnreadableContent';
}

/** More than any object COPY loads has: the largest size that is reported to work is 64 MB. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

const [NEWLINE, QUOTE, BACKSLASH, OPEN, CLOSE] = [0x0a, 0x22, 0x5c, 0x7b, 0x7d];
const BLANKS = new Set([0x20, 0x09, 0x0d, NEWLINE]);

/**
 * Cuts the bytes of a file into its root-level JSON objects, in any chunks and with any white space between the objects. It
 * follows quotation marks and braces only: the file was loaded, so COPY has found the rest to be right. It works on bytes,
 * because none of UTF-8's longer characters contains one of those it looks for.
 */
export class RootObjects {
  #line = 1;
  /** How many objects have begun on the current line. */
  #begun = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The object that has begun and not ended: where, and its bytes of earlier chunks. */
  #open = { line: 1, nth: 1 };
  #earlier: Uint8Array[] = [];
  #earlierBytes = 0;

  /** The objects that end in the next bytes of the file. @throws UnreadableContent */
  *push(chunk: Uint8Array): Generator<RootObject> {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === NEWLINE) {
        this.#line += 1;
        this.#begun = 0;
      }
      if (this.#inString) this.#followString(byte);
      else if (byte === QUOTE && this.#depth > 0) this.#inString = true;
      else if (byte === OPEN) {
        if (this.#depth === 0) {
          start = at;
          this.#begun += 1;
          this.#open = { line: this.#line, nth: this.#begun };
        }
        this.#depth += 1;
      } else if (byte === CLOSE && this.#depth > 0) {
        this.#depth -= 1;
        if (this.#depth === 0) yield { bytes: this.#take(chunk.subarray(start, at + 1)), ...this.#open };
      } else if (this.#depth === 0 && !BLANKS.has(byte)) {
        throw new UnreadableContent(`line ${this.#line} holds something that is no JSON object`);
      }
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(start));
  }

  /** Ends the file. @throws UnreadableContent when its last object does not end */
  end(): void {
    if (this.#depth > 0)
      throw new UnreadableContent(`the JSON object that begins on line ${this.#open.line} does not end`);
  }

  #followString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #keep(bytes: Uint8Array): void {
    // A copy: the giver may use the chunk again.
    this.#earlier.push(Uint8Array.from(bytes));
    this.#earlierBytes += bytes.length;
    if (this.#earlierBytes > MAX_OBJECT_BYTES) {
      throw new UnreadableContent(`the JSON object that begins on line ${this.#open.line} is too large to be a row`);
    }
  }

  #take(last: Uint8Array): Uint8Array {
    if (this.#earlier.length === 0) return last;
    const parts = [...this.#earlier.splice(0), last];
    this.#earlierBytes = 0;
    return Buffer.concat(parts);
  }
}
