import type { Source } from '../objects/source.ts';

/** What the beginning of a file says of its rows. */
export type RowScan =
  /** A row of it can be used, for certain. */
  | { kind: 'used' }
  /** None that was read can be used for certain. `fields` are those of its first row, if it could be read. */
  | { kind: 'unclear'; fields: string[] };

/**
 * Looks for a row that can be used in the beginning of a file's text. It says `used` only of what the load would use by any
 * reading; whatever it cannot read is `unclear`, and the warehouse decides.
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

/** The texts of the complete objects that stand one after another, up to the first thing that is none. */
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
    // Not for this reading: COPY says what is wrong with it.
    return undefined;
  }
}

/** Times between which no calendar disagrees, in epoch milliseconds: 1971 to 2999. */
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

/** What is said of a file of which no row can be used. */
export function noUsableRow(fields: readonly string[], { rowKey }: Source): string {
  const fold = (name: string): string => (rowKey.ignoreCase ? name.toLowerCase() : name);
  const known = new Set(fields.map(fold));
  const required = Object.keys(rowKey.fields);
  const missing = required.filter((field) => !known.has(fold(field)));
  const needs = `a row needs ${list(required)}`;
  if (fields.length === 0) return `no row of it could be used: ${needs}`;
  const has = `its first row has ${list(fields.slice(0, FIELDS_NAMED))}${fields.length > FIELDS_NAMED ? ' …' : ''}`;
  if (missing.length === required.length)
    return `no row of it could be used: none of the fields is known: ${has}; ${needs}`;
  if (missing.length > 0) return `no row of it could be used: ${list(missing)} is missing: ${has}`;
  return `no row of it could be used: ${needs}, each with a value`;
}

/** So many field names are enough to recognize a format by. */
const FIELDS_NAMED = 8;

/** The longest part of a field's name that is shown. */
const NAME_SHOWN = 40;

function list(names: readonly string[]): string {
  return names.map((name) => (name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name)).join(', ');
}
