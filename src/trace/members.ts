import { UnreadableContent } from './root-objects.ts';

/**
 * The first-level members of a JSON object as COPY takes them for columns: a text is unescaped, everything else is as it is
 * written, so that `1.50` stays what it is and no digit of a large number is lost; null is null. Of members of one name the
 * first counts.
 */
export type Members = ReadonlyMap<string, string | null>;

const BLANKS = /[ \t\r\n]*/y;
const SCALAR = /[^\s,}]+/y;

/** Reads the members of an object. `ignoreCase` gives their names in lower case. @throws UnreadableContent */
export function readMembers(bytes: Uint8Array, ignoreCase: boolean): Members {
  const text = new TextDecoder().decode(bytes);
  const members = new Map<string, string | null>();
  let at = skipBlanks(text, 1);
  while (text.charAt(at) !== '}') {
    const nameEnd = stringEnd(text, at);
    const name = unescape(text.slice(at, nameEnd));
    at = skipBlanks(text, skipBlanks(text, nameEnd) + 1);
    const end = valueEnd(text, at);
    const known = ignoreCase ? name.toLowerCase() : name;
    if (!members.has(known)) members.set(known, valueOf(text.slice(at, end)));
    at = skipBlanks(text, end);
    if (text.charAt(at) === ',') at = skipBlanks(text, at + 1);
    else if (text.charAt(at) !== '}') throw new UnreadableContent('it holds an object that is no JSON');
  }
  return members;
}

function valueOf(written: string): string | null {
  if (written === 'null') return null;
  return written.startsWith('"') ? unescape(written) : written;
}

function unescape(written: string): string {
  if (!written.includes('\\')) return written.slice(1, -1);
  try {
    return JSON.parse(written) as string;
  } catch {
    // What exactly is wrong is of no use: a file like this cannot have been loaded.
    throw new UnreadableContent('it holds a text that is no JSON');
  }
}

function valueEnd(text: string, start: number): number {
  const first = text.charAt(start);
  if (first === '"') return stringEnd(text, start);
  if (first === '{' || first === '[') return nestedEnd(text, start);
  SCALAR.lastIndex = start;
  if (!SCALAR.test(text)) throw new UnreadableContent('it holds an object that is no JSON');
  return SCALAR.lastIndex;
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new UnreadableContent('it holds an object that does not end');
}

// A pattern for the whole text would overflow the stack on a text of megabytes.
function stringEnd(text: string, start: number): number {
  if (text.charAt(start) !== '"') throw new UnreadableContent('it holds an object that is no JSON');
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charAt(end - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  throw new UnreadableContent('it holds a text that does not end');
}

function skipBlanks(text: string, at: number): number {
  BLANKS.lastIndex = at;
  BLANKS.test(text);
  return BLANKS.lastIndex;
}
