import type { Excerpt } from './shapes.ts';

/** How much of a line is shown, and how much of that before the place. */
const SHOWN = 120;
const BEFORE = 48;

/**
 * A line of a file with the place that COPY complained of: the value of the column it named, otherwise where the line ceases to
 * be JSON. Null when the text, which may be only the file's start, does not have the whole line.
 */
export function excerptOf(text: string, line: number, column: string | null, isWhole: boolean): Excerpt | null {
  const lines = text.split('\n');
  const whole = lines[line - 1];
  if (whole === undefined || (line === lines.length && !isWhole)) return null;
  const place = (column === null ? undefined : valueOf(whole, column)) ?? brokenAt(whole);
  const start = place === undefined ? 0 : Math.max(0, Math.min(place.from - BEFORE, whole.length - SHOWN));
  // A place of the line is a place of the excerpt, so halves of characters stay halves.
  const cut = Array.from({ length: Math.min(SHOWN, whole.length - start) }, (_, at) =>
    visible(whole.charAt(start + at)),
  ).join('');
  const caret =
    place === undefined
      ? null
      : { from: place.from - start, length: Math.max(1, Math.min(place.length, SHOWN - (place.from - start))) };
  return { text: cut, caret };
}

/** A character that takes one place: controls become the symbols of Unicode's Control Pictures. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(character) ? '\ufffd' : character;
}

type Place = { from: number; length: number };

/** Where the value of a top-level field stands; COPY names columns in lower case. */
function valueOf(line: string, column: string): Place | undefined {
  const field = /"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*"|[^,}\]\s]+)/g;
  for (const found of line.matchAll(field)) {
    const [all, name = '', value = ''] = found;
    if (plain(name) === plain(column)) return { from: found.index + all.length - value.length, length: value.length };
  }
  return undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

const WHITE = /[ \t\r\n]*/y;
const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const DEEPEST = 100;

/** The first place at which a line ceases to be one JSON value; undefined when it is one. */
function brokenAt(line: string): Place | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(line) ?? [];
    if (found !== undefined) at += found.length;
    return found !== undefined && found !== '';
  };
  const eat = (character: string): boolean => {
    take(WHITE);
    if (line[at] !== character) return false;
    at += 1;
    return true;
  };
  const members = (close: string, member: () => boolean): boolean => {
    if (eat(close)) return true;
    do if (!member()) return false;
    while (eat(','));
    return eat(close);
  };
  const value = (depth: number): boolean => {
    take(WHITE);
    if (depth > DEEPEST) return false;
    if (eat('{')) return members('}', () => (take(WHITE), take(SCALAR) && eat(':') && value(depth + 1)));
    if (eat('[')) return members(']', () => value(depth + 1));
    return take(SCALAR);
  };
  if (value(0)) {
    take(WHITE);
    if (at === line.length) return undefined;
  }
  return { from: Math.min(at, Math.max(0, line.length - 1)), length: 1 };
}
