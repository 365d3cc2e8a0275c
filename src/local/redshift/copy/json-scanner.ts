const PLAIN = /[^"\\\x00-\x1f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![^\s,:\]}])/y;
const SCALAR_CHARACTERS = /[-+.\w]*/y;
const BLANKS = /[ \t\r\n]*/y;

/** Deeper nesting is refused, which also bounds what reading a broken object again can cost. */
export const MAX_DEPTH = 500;

/**
 * The size of the largest JSON value COPY takes, "4 MB" in the documentation, read the stricter way.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html
 */
export const MAX_VALUE_BYTES = 4_000_000;

/** How the scan of a text ended that holds no whole value: between tokens, inside of one, or with what is no JSON. */
type Unended = 'unfinished' | 'cut' | 'invalid';

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/** Follows the JSON grammar (RFC 8259) through one root-level object or array, line by line. */
export class ValueScanner {
  /** The first-level keys as written, quotes included. */
  readonly keys: string[] = [];
  /** Where they begin in the text fed last. */
  readonly keyStarts: number[] = [];
  readonly #open: ('{' | '[')[] = [];
  #expected: Expected = 'value';

  /** Reads on from `start` and gives the end of the value. */
  feed(text: string, start: number): number | Unended {
    let position = skip(BLANKS, text, start);
    while (position < text.length) {
      const end = this.#token(text, position);
      if (typeof end !== 'number') return end;
      if (this.#open.length === 0) return end;
      position = skip(BLANKS, text, end);
    }
    return 'unfinished';
  }

  /** Takes one token and gives its end. */
  #token(text: string, position: number): number | Unended {
    const character = text.charAt(position);
    const expected = this.#expected;
    const inObject = this.#open.at(-1) === '{';
    if (character === (inObject ? '}' : ']') && expected.endsWith('or end')) {
      this.#open.pop();
      this.#expected = 'comma or end';
      return position + 1;
    }
    switch (expected) {
      case 'comma or end':
        this.#expected = inObject ? 'key' : 'value';
        return character === ',' ? position + 1 : 'invalid';
      case 'colon':
        this.#expected = 'value';
        return character === ':' ? position + 1 : 'invalid';
      case 'key':
      case 'key or end': {
        const end = stringEnd(text, position);
        if (typeof end === 'number' && this.#open.length === 1) {
          this.keys.push(text.slice(position, end));
          this.keyStarts.push(position);
        }
        this.#expected = 'colon';
        return end;
      }
      case 'value':
      case 'value or end':
        return this.#value(text, position, character);
    }
  }

  #value(text: string, position: number, character: string): number | Unended {
    if (character === '{' || character === '[') {
      if (this.#open.length === MAX_DEPTH) return 'invalid';
      this.#open.push(character);
      this.#expected = character === '{' ? 'key or end' : 'value or end';
      return position + 1;
    }
    this.#expected = 'comma or end';
    return character === '"' ? stringEnd(text, position) : scalarEnd(text, position);
  }
}

/** The position behind what a sticky pattern finds at `position`; the same position when that is nothing. */
export function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

/** True for a text with so many brackets that it may be nested too deeply. */
export function mayBeDeep(text: string): boolean {
  let brackets = 0;
  for (const opening of '{[') {
    for (let at = text.indexOf(opening); at >= 0 && brackets <= MAX_DEPTH; at = text.indexOf(opening, at + 1))
      brackets++;
  }
  return brackets > MAX_DEPTH;
}

// One pattern for the whole would overflow the stack on a string of megabytes.
function stringEnd(text: string, position: number): number | Unended {
  if (text.charAt(position) !== '"') return 'invalid';
  let at = skip(PLAIN, text, position + 1);
  while (text.charAt(at) === '\\') {
    const end = skip(ESCAPE, text, at);
    if (end === at) return text.length - at < '\\u0000'.length ? 'cut' : 'invalid';
    at = skip(PLAIN, text, end);
  }
  if (at === text.length) return 'cut';
  return text.charAt(at) === '"' ? at + 1 : 'invalid';
}

function scalarEnd(text: string, position: number): number | Unended {
  const end = skip(SCALAR, text, position);
  if (end > position) return end;
  return skip(SCALAR_CHARACTERS, text, position) === text.length ? 'cut' : 'invalid';
}
