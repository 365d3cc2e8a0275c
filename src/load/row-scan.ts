import type { Source } from '../objects/source.ts';

/** What the start of a file shows about its rows. */
export type RowScan =
  /** It certainly has a usable row. */
  | { kind: 'used' }
  /** No row that was read is certainly usable. `fields` are those of the first row, if it could be read. */
  | { kind: 'unclear'; fields: string[] };

/**
 * Looks for a usable row at the start of a file. It says `used` only when any reader would use the row; anything else is
 * `unclear`, and the warehouse decides.
 */
export function scanRows(text: string, { rowKey }: Source): RowScan {
  let fields: string[] = [];
  for (const object of topLevelObjects(text)) {
    const row = parseRow(object);
    if (row === undefined) break;
    if (fields.length === 0) fields = Object.keys(row);
    if (isUsable(row, rowKey)) return { kind: 'used' };
  }
  return { kind: 'unclear', fields };
}

/** The texts of consecutive complete objects, up to the first thing that is not one. */
function* topLevelObjects(text: string): Generator<string> {
  let depth = 0;
  let inString = false;
  let start = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      if (depth === 0) start = at;
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
      if (depth < 0) return;
      if (depth === 0) yield text.slice(start, at + 1);
    }
    if (depth === 0 && inString) return;
  }
}

function parseRow(text: string): Record<string, unknown> | undefined {
  try {
    const row: unknown = JSON.parse(text);
    return typeof row === 'object' && row !== null && !Array.isArray(row)
      ? (row as Record<string, unknown>)
      : undefined;
  } catch {
    // Left to COPY, which reports what is wrong.
    return undefined;
  }
}

/** Epoch milliseconds that are certainly valid times: 1971 to 2999. */
const CERTAIN_MS = { least: 31_536_000_000, most: 32_503_680_000_000 };

function isUsable(row: Record<string, unknown>, { fields, ignoreCase }: Source['rowKey']): boolean {
  const fold = (name: string): string => (ignoreCase ? name.toLowerCase() : name);
  return Object.entries(fields).every(([field, filledWith]) => {
    const [value, ...others] = Object.entries(row).flatMap(([name, one]) => (fold(name) === fold(field) ? [one] : []));
    if (others.length > 0) return false;
    if (filledWith === 'epochMilliseconds')
      return typeof value === 'number' && value > CERTAIN_MS.least && value < CERTAIN_MS.most;
    return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  });
}

/** The quarantine reason of a file without a usable row. */
export function noUsableRow(fields: readonly string[], { rowKey }: Source): string {
  const fold = (name: string): string => (rowKey.ignoreCase ? name.toLowerCase() : name);
  const known = new Set(fields.map(fold));
  const required = Object.keys(rowKey.fields);
  const missing = required.filter((field) => !known.has(fold(field)));
  const needs = `a row needs ${list(required)}`;
  if (fields.length === 0) return `none of its rows can be used: ${needs}`;
  const has = `its first row has ${list(fields.slice(0, FIELDS_NAMED))}${fields.length > FIELDS_NAMED ? ' …' : ''}`;
  if (missing.length === required.length)
    return `none of its rows can be used: none of its fields is known: ${has}; ${needs}`;
  if (missing.length > 0)
    return `none of its rows can be used: ${list(missing)} ${missing.length === 1 ? 'is' : 'are'} missing: ${has}`;
  return `none of its rows can be used: ${needs}, each with a value`;
}

/** Field names shown, enough to recognize a format. */
const FIELDS_NAMED = 8;

/** Characters shown of a field name. */
const NAME_SHOWN = 40;

function list(names: readonly string[]): string {
  return names.map((name) => (name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name)).join(', ');
}
