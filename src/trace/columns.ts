import { createHash } from 'node:crypto';
import { UnreadableContent } from './root-objects.ts';
import type { Members } from './members.ts';

/**
 * Values of members as COPY converts them for columns; null where a member is null or missing. What a number may look like is
 * taken widely: the file was loaded, so COPY has judged it, and what it takes beside plain numbers is not documented in full.
 */

/** A VARCHAR column: numbers and booleans as they are written. */
export function textOf(members: Members, name: string): string | null {
  return members.get(name) ?? null;
}

/** Without the trailing blanks that Redshift ignores in comparisons and the load cuts off keys. */
export function withoutBlanks(text: string): string;
export function withoutBlanks(text: string | null): string | null;
export function withoutBlanks(text: string | null): string | null {
  if (text?.endsWith(' ') !== true) return text;
  let end = text.length;
  while (text.charAt(end - 1) === ' ') end -= 1;
  return text.slice(0, end);
}

/** An INTEGER or BIGINT column, of which every digit counts. @throws UnreadableContent */
export function integerOf(members: Members, name: string): bigint | null {
  const text = filled(members, name);
  if (text === null) return null;
  const [, digits] = /^([-+]?\d+)(?:\.0*)?$/.exec(text) ?? [];
  if (digits === undefined) throw unfit(name);
  return BigInt(digits);
}

/** A DOUBLE PRECISION column. @throws UnreadableContent */
export function doubleOf(members: Members, name: string): number | null {
  const text = filled(members, name);
  if (text === null) return null;
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) throw unfit(name);
  return Number(text);
}

/** A TIMESTAMP column read with TIMEFORMAT 'epochmillisecs', in epoch milliseconds. @throws UnreadableContent */
export function epochMillisecondsOf(members: Members, name: string): number | null {
  const text = filled(members, name);
  if (text === null) return null;
  if (!/^-?\d{1,16}$/.test(text)) throw unfit(name);
  return Number(text);
}

/** COPY takes a blank text for NULL in every column but those of text. */
function filled(members: Members, name: string): string | null {
  const text = textOf(members, name)?.trim() ?? '';
  return text === '' ? null : text;
}

function unfit(name: string): UnreadableContent {
  return new UnreadableContent(`it holds a value of ${name} that COPY does not load`);
}

/** The hash of texts by which the load orders rows of one key: a dot tells NULL from an empty text and shows trailing blanks. */
export function textHash(texts: readonly (string | null)[]): string {
  return createHash('md5')
    .update(texts.map((text) => (text === null ? '' : `${text}.`)).join('|'))
    .digest('hex');
}

/** Orders two values as ORDER BY does on Redshift: NULL comes last. */
export function compareNullsLast<Value extends number | bigint | string>(a: Value | null, b: Value | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : a > b ? 1 : 0;
}
