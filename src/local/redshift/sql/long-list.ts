import type { Cursor } from './cursor.ts';

/** From so many literals on, one text that the engine splits is planned in a third of the time. */
const MIN_LITERALS = 100;
const MD5 = /^'[0-9a-f]{32}'$/;

/**
 * Parses the literals of an IN, up to its closing parenthesis, and gives the engine a query of them; undefined, with nothing
 * parsed, for any other list. Only md5 sums are taken: they are text beside whatever they are compared with.
 */
export function longList(cursor: Cursor): string | undefined {
  const sums: string[] = [];
  for (let next = cursor.position; ; next += 2) {
    const text = cursor.tokens[next]?.text ?? '';
    if (!MD5.test(text)) return undefined;
    sums.push(text.slice(1, -1));
    const separator = cursor.tokens[next + 1]?.text;
    if (separator === ',') continue;
    if (separator !== ')' || sums.length < MIN_LITERALS) return undefined;
    cursor.position = next + 1;
    return `SELECT unnest(string_split('${sums.join(',')}', ','))`;
  }
}
