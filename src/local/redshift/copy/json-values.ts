import { mayBeDeep, skip, ValueScanner } from './json-scanner.ts';

/** A physical line of an object: its text (one character per byte), 1-based number and place in the spool file. */
export type Line = { text: string; number: number; startBytes: number };

/**
 * One root-level JSON value. `text` is on one line, one character per byte; `line` is the last line it covers; `keys` are
 * its first-level keys as written, quotes included.
 */
export type RootValue = { text: string; line: number; startBytes: number; kind: 'object' | 'array'; keys: string[] };

/** Text that is no JSON value, or a value that is too large. `line` is the last line of it that was read. */
export type BadText = { line: number; startBytes: number };

/** What becomes of an object's text. */
export type ValueHandlers = {
  onValue: (value: RootValue) => void;
  onBadText: (bad: BadText) => void;
  /** Called once, with the first value that is too large: nothing is read after it. */
  onTooLarge: (bad: BadText) => void;
};

const BLANKS = /[ \t\r\n]*/y;
const OPENING = /[{[]/;
const CONTINUING = /["}\],]/;

/**
 * Splits the lines of one object into root-level values: one per line, several on a line, or spread over lines.
 * After text that is no JSON it goes on at the next line that can begin a value, so that a truncated line does not
 * swallow the line after it. Call `push` with each line in order, then `end`.
 */
export class RootValueSplitter {
  readonly #takers: ValueHandlers;
  readonly #bytesMax: number;
  /** The value that began on a line before, and its lines so far. */
  #unfinished: { scanner: ValueScanner; lines: Line[]; start: number; bytes: number } | undefined;
  /** Bad text that ends where a line can begin a value again. */
  #bad: (BadText & { indent: number }) | undefined;
  /** Whether the rest of a line that came in parts belongs to bad text. */
  #restIsBad = false;
  /** The line of which a part ended in text that can begin no value. */
  #strayLine = 0;
  #isOver = false;

  /** A value of more than `bytesMax` bytes is too large. */
  constructor(bytesMax: number, takers: ValueHandlers) {
    this.#bytesMax = bytesMax;
    this.#takers = takers;
  }

  /** Takes a line, or the rest of one that came in parts. */
  push(line: Line): void {
    if (this.#restIsBad) {
      this.#restIsBad = false;
      return;
    }
    const waiting = [line];
    for (let next = waiting.pop(); next && !this.#isOver; next = waiting.pop()) {
      for (const again of this.#take(next).reverse()) waiting.push(again);
    }
  }

  /**
   * Takes what there is of a line that goes on, at least `bytesMax` bytes. Gives how much of it is done with; the rest must
   * come again with more of the line.
   */
  pushPart(line: Line): number {
    const all = line.text.length;
    if (this.#restIsBad || this.#isOver) return all;
    if (this.#bad) {
      if (this.#goesOnBad(line)) {
        this.#restIsBad = true;
        return all;
      }
      this.#endBadText();
    }
    if (!this.#unfinished) return this.#readValues(line, 0, true);
    const { scanner, lines, start } = this.#unfinished;
    const end = scanner.feed(line.text, 0);
    if (end === 'invalid') {
      for (const again of this.#abandon(lines, start)) this.push(again);
      return this.pushPart(line);
    }
    if (typeof end !== 'number') {
      this.#giveUp(lines, start, line.number);
      return all;
    }
    this.#unfinished = undefined;
    this.#finish(scanner, [...lines, line], start, end);
    return this.#readValues(line, end, true);
  }

  end(): void {
    while (this.#unfinished && !this.#isOver) {
      const again = this.#abandon(this.#unfinished.lines, this.#unfinished.start);
      for (const line of again) this.push(line);
    }
    if (!this.#isOver) this.#endBadText();
  }

  /** Takes one line; gives lines that must be read again because the value they seemed to belong to is none. */
  #take(line: Line): Line[] {
    if (this.#bad) {
      if (this.#goesOnBad(line)) return [];
      this.#endBadText();
    }
    if (!this.#unfinished) {
      this.#readValues(line, 0, false);
      return [];
    }
    const { scanner, lines, start } = this.#unfinished;
    lines.push(line);
    const end = scanner.feed(line.text, 0);
    this.#unfinished.bytes += line.text.length + 1;
    if (end === 'invalid' || end === 'cut') return this.#abandon(lines, start);
    if (end === 'unfinished') {
      if (this.#unfinished.bytes > this.#bytesMax) this.#giveUp(lines, start, line.number);
      return [];
    }
    this.#unfinished = undefined;
    this.#finish(scanner, lines, start, end);
    if (!this.#isOver) this.#readValues(line, end, false);
    return [];
  }

  /** Reads the values that begin on a line, or on a part of one; gives where it stopped. */
  #readValues(line: Line, from: number, isPart: boolean): number {
    const { text } = line;
    const only = from === 0 && !isPart ? onlyValue(line) : undefined;
    if (only) {
      this.#give(only);
      return text.length;
    }
    let position = skip(BLANKS, text, from);
    while (position < text.length && !this.#isOver) {
      const start = position;
      if (!OPENING.test(text.charAt(start))) {
        if (this.#strayLine !== line.number || start > 0)
          this.#takers.onBadText({ line: line.number, startBytes: line.startBytes + start });
        const next = text.slice(start).search(OPENING);
        this.#strayLine = next < 0 && isPart ? line.number : 0;
        if (next < 0) return text.length;
        position = start + next;
        continue;
      }
      this.#strayLine = 0;
      const scanner = new ValueScanner();
      const end = scanner.feed(text, start);
      if (isPart && (end === 'unfinished' || end === 'cut')) {
        if (text.length - start > this.#bytesMax) this.#giveUp([line], start, line.number);
        return start;
      }
      if (end === 'unfinished') {
        this.#unfinished = { scanner, lines: [line], start, bytes: text.length - start + 1 };
        return text.length;
      }
      if (typeof end !== 'number') {
        this.#takers.onBadText({ line: line.number, startBytes: line.startBytes + start });
        this.#restIsBad = isPart;
        return text.length;
      }
      this.#finish(scanner, [line], start, end);
      position = skip(BLANKS, text, end);
    }
    return position;
  }

  #finish(scanner: ValueScanner, lines: Line[], start: number, end: number): void {
    const [first, last] = [lines[0], lines.at(-1)];
    if (!first || !last) return;
    const text = lines
      .map((line) => line.text.slice(line === first ? start : 0, line === last ? end : undefined))
      .join(' ');
    const kind = text.startsWith('{') ? 'object' : 'array';
    this.#give({ text, line: last.number, startBytes: first.startBytes + start, kind, keys: scanner.keys });
  }

  #give(value: RootValue): void {
    if (value.text.length <= this.#bytesMax) this.#takers.onValue(value);
    else this.#tooLarge(value);
  }

  /** Gives up a value that has not ended where it would be too large. */
  #giveUp(lines: Line[], start: number, line: number): void {
    const [first] = lines;
    if (first) this.#tooLarge({ line, startBytes: first.startBytes + start });
  }

  #tooLarge({ line, startBytes }: BadText): void {
    this.#isOver = true;
    this.#takers.onTooLarge({ line, startBytes });
  }

  #abandon(lines: Line[], start: number): Line[] {
    this.#unfinished = undefined;
    const [first] = lines;
    if (!first) return [];
    this.#bad = { line: first.number, startBytes: first.startBytes + start, indent: indent(first) };
    return lines.slice(1);
  }

  #goesOnBad(line: Line): boolean {
    if (!this.#bad || beginsAnew(line, this.#bad.indent)) return false;
    if (line.text.trim() !== '') this.#bad.line = line.number;
    return true;
  }

  #endBadText(): void {
    if (this.#bad) this.#takers.onBadText({ line: this.#bad.line, startBytes: this.#bad.startBytes });
    this.#bad = undefined;
  }
}

// Nearly every line is one whole value, and for those the platform's own parser is three times as fast as the scanner.
function onlyValue(line: Line): RootValue | undefined {
  const start = indent(line);
  if (!OPENING.test(line.text.charAt(start)) || mayBeDeep(line.text)) return undefined;
  let parsed: object;
  try {
    parsed = JSON.parse(line.text) as object;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const isArray = Array.isArray(parsed);
  const names = isArray ? [] : Object.keys(parsed);
  // Names that are not plain must come as written, which only the scanner knows.
  if (/[^\x20-\x7e]|["\\]/.test(names.join(''))) return undefined;
  return {
    text: line.text.trim(),
    line: line.number,
    startBytes: line.startBytes + start,
    kind: isArray ? 'array' : 'object',
    keys: names.map((name) => `"${name}"`),
  };
}

function indent(line: Line): number {
  return skip(BLANKS, line.text, 0);
}

// Further lines of a broken object are indented, or are members, closing brackets or commas.
function beginsAnew(line: Line, indentAtMost: number): boolean {
  const at = indent(line);
  return at <= indentAtMost && at < line.text.length && !CONTINUING.test(line.text.charAt(at));
}
