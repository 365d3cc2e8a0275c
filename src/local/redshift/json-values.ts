/** A physical line of an object: its text (one character per byte), 1-based number and place in the spool file. */
export type Line = { text: string; number: number; startBytes: number };

/**
 * One root-level JSON value. `text` is on one line, one character per byte; `line` is the last line it covers; `keys` are
 * its first-level keys as written, quotes included.
 */
export type RootValue = { text: string; line: number; startBytes: number; kind: 'object' | 'array'; keys: string[] };

/** Text that is no JSON value. `line` is the last line of it. */
export type BadText = { line: number; startBytes: number };

const string = /"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"/y;
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![^\s,:\]}])/y;
const blanks = /[ \t\r\n]*/y;
const opening = /[{[]/;
const continuing = /["}\],]/;

/** Deeper nesting is refused, which also bounds what reading a broken object again can cost. */
const maxDepth = 500;

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/** Follows the JSON grammar through one root-level object or array, line by line. */
class ValueScanner {
  readonly keys: string[] = [];
  private readonly open: ('{' | '[')[] = [];
  private expected: Expected = 'value';

  /** Reads on from `start`. Gives the end of the value, or says that the line ended first or that this is no JSON. */
  feed(text: string, start: number): number | 'unfinished' | 'invalid' {
    let position = skip(blanks, text, start);
    while (position < text.length) {
      const end = this.token(text, position);
      if (end < 0) return 'invalid';
      if (this.open.length === 0) return end;
      position = skip(blanks, text, end);
    }
    return 'unfinished';
  }

  /** Takes one token and gives its end, −1 when the grammar has no place for it. */
  private token(text: string, position: number): number {
    const character = text.charAt(position);
    const { expected } = this;
    const inObject = this.open.at(-1) === '{';
    if (character === (inObject ? '}' : ']') && expected.endsWith('or end')) {
      this.open.pop();
      this.expected = 'comma or end';
      return position + 1;
    }
    switch (expected) {
      case 'comma or end':
        this.expected = inObject ? 'key' : 'value';
        return character === ',' ? position + 1 : -1;
      case 'colon':
        this.expected = 'value';
        return character === ':' ? position + 1 : -1;
      case 'key':
      case 'key or end': {
        const end = skip(string, text, position);
        if (end > position && this.open.length === 1) this.keys.push(text.slice(position, end));
        this.expected = 'colon';
        return end > position ? end : -1;
      }
      case 'value':
      case 'value or end':
        return this.value(text, position, character);
    }
  }

  private value(text: string, position: number, character: string): number {
    if (character === '{' || character === '[') {
      if (this.open.length === maxDepth) return -1;
      this.open.push(character);
      this.expected = character === '{' ? 'key or end' : 'value or end';
      return position + 1;
    }
    this.expected = 'comma or end';
    const end = skip(character === '"' ? string : scalar, text, position);
    return end > position ? end : -1;
  }
}

function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

/**
 * Splits the lines of one object into root-level values: one per line, several on a line, or spread over lines.
 * After text that is no JSON it goes on at the next line that can begin a value, so that a truncated line does not
 * swallow the line after it. Call `push` with each line in order, then `end`.
 */
export class RootValueSplitter {
  private readonly onValue: (value: RootValue) => void;
  private readonly onBadText: (bad: BadText) => void;
  /** The value that began on a line before, and its lines so far. */
  private unfinished: { scanner: ValueScanner; lines: Line[]; start: number; bytes: number } | undefined;
  /** Bad text that ends where a line can begin a value again. */
  private bad: (BadText & { indent: number }) | undefined;

  private readonly bytesMax: number;

  /** A value that has not ended after `bytesMax` bytes counts as bad text. */
  constructor(bytesMax: number, onValue: (value: RootValue) => void, onBadText: (bad: BadText) => void) {
    this.bytesMax = bytesMax;
    this.onValue = onValue;
    this.onBadText = onBadText;
  }

  push(line: Line): void {
    const waiting = [line];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const again of this.take(next).reverse()) waiting.push(again);
    }
  }

  end(): void {
    while (this.unfinished) {
      const again = this.abandon(this.unfinished.lines, this.unfinished.start);
      for (const line of again) this.push(line);
    }
    this.endBadText();
  }

  /** Takes one line; gives lines that must be read again because the value they seemed to belong to is none. */
  private take(line: Line): Line[] {
    if (this.bad) {
      if (!beginsAnew(line, this.bad.indent)) {
        if (line.text.trim() !== '') this.bad.line = line.number;
        return [];
      }
      this.endBadText();
    }
    if (!this.unfinished) {
      this.readValues(line, 0);
      return [];
    }
    const { scanner, lines, start } = this.unfinished;
    lines.push(line);
    const end = scanner.feed(line.text, 0);
    this.unfinished.bytes += line.text.length;
    if (end === 'invalid' || this.unfinished.bytes > this.bytesMax) return this.abandon(lines, start);
    if (end === 'unfinished') return [];
    this.unfinished = undefined;
    this.finish(scanner, lines, start, end);
    this.readValues(line, end);
    return [];
  }

  private readValues(line: Line, from: number): void {
    const only = from === 0 ? onlyValue(line) : undefined;
    if (only) {
      this.onValue(only);
      return;
    }
    let position = skip(blanks, line.text, from);
    while (position < line.text.length) {
      const start = position;
      if (!opening.test(line.text.charAt(start))) {
        this.onBadText({ line: line.number, startBytes: line.startBytes + start });
        const next = line.text.slice(start).search(/[{[]/);
        if (next < 0) return;
        position = start + next;
        continue;
      }
      const scanner = new ValueScanner();
      const end = scanner.feed(line.text, start);
      if (end === 'unfinished') {
        this.unfinished = { scanner, lines: [line], start, bytes: line.text.length };
        return;
      }
      if (end === 'invalid') {
        this.onBadText({ line: line.number, startBytes: line.startBytes + start });
        return;
      }
      this.finish(scanner, [line], start, end);
      position = skip(blanks, line.text, end);
    }
  }

  private finish(scanner: ValueScanner, lines: Line[], start: number, end: number): void {
    const [first, last] = [lines[0], lines.at(-1)];
    if (!first || !last) return;
    const text = lines
      .map((line) => line.text.slice(line === first ? start : 0, line === last ? end : undefined))
      .join(' ');
    const kind = text.startsWith('{') ? 'object' : 'array';
    this.onValue({ text, line: last.number, startBytes: first.startBytes + start, kind, keys: scanner.keys });
  }

  private abandon(lines: Line[], start: number): Line[] {
    this.unfinished = undefined;
    const [first] = lines;
    if (!first) return [];
    this.bad = { line: first.number, startBytes: first.startBytes + start, indent: indent(first) };
    return lines.slice(1);
  }

  private endBadText(): void {
    if (this.bad) this.onBadText({ line: this.bad.line, startBytes: this.bad.startBytes });
    this.bad = undefined;
  }
}

// Nearly every line is one whole value, and for those the platform's own parser is three times as fast as the scanner.
function onlyValue(line: Line): RootValue | undefined {
  const start = indent(line);
  if (!opening.test(line.text.charAt(start))) return undefined;
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
  return skip(blanks, line.text, 0);
}

// Further lines of a broken object are indented, or are members, closing brackets or commas.
function beginsAnew(line: Line, indentAtMost: number): boolean {
  const at = indent(line);
  return at <= indentAtMost && at < line.text.length && !continuing.test(line.text.charAt(at));
}
