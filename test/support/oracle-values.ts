/** The small certainties the oracle rests on: JSON objects in a row, delivered values, byte order, the calendar. */

/** A JSON object as delivered. */
export type Json = Record<string, unknown>;

/** The root-level JSON objects of a body, in order, with any or no white space between. Throws, naming the key, on anything else. */
export function* rootObjects(key: string, body: string): Generator<Json> {
  for (const { fields } of objectsAt(key, body)) yield fields;
}

/** The same objects, each with the character at which it starts. */
export function* objectsAt(key: string, body: string): Generator<{ fields: Json; start: number }> {
  let start = -1;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const character = body[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '{') {
      if (depth === 0) start = at;
      depth += 1;
    } else if (depth === 0) {
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t')
        throw new Error(`${key}: no JSON object starts at character ${at}`);
    } else if (character === '"') {
      inString = true;
    } else if (character === '}') {
      depth -= 1;
      if (depth === 0) yield { fields: JSON.parse(body.slice(start, at + 1)) as Json, start };
    }
  }
  if (depth > 0) throw new Error(`${key}: the JSON object that starts at character ${start} does not end`);
}

/** The value as a text column holds it; null when it is null or absent. Throws on nested values, which no column of ours takes. */
export function text(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`not a value of a text column: ${JSON.stringify(value)}`);
}

/** The value as a number column holds it; null when it is null or absent. Throws on what is no number. */
export function number(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const result = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof result === 'number' && Number.isFinite(result)) return result;
  throw new Error(`not a value of a number column: ${JSON.stringify(value)}`);
}

/** Text without trailing blanks (and nothing but blanks: a warehouse ignores those in comparisons, and no other white space). */
export function trimmed(value: string): string;
export function trimmed(value: string | null): string | null;
export function trimmed(value: string | null): string | null {
  return value === null ? null : value.replace(/ +$/, '');
}

/** Keeps in `winners`, under `key`, whichever of candidate and holder comes first. */
export function keepFirst<Row>(
  winners: Map<string, Row>,
  key: string,
  candidate: Row,
  comesBefore: (one: Row, other: Row) => boolean,
): void {
  const holder = winners.get(key);
  if (holder === undefined || comesBefore(candidate, holder)) winners.set(key, candidate);
}

/** Whether one rank comes before another of the same shape: text byte by byte, numbers by size, null after everything. */
export function isBefore(one: (string | number | null)[], other: (string | number | null)[]): boolean {
  for (const [place, mine] of one.entries()) {
    const theirs = other[place] ?? null;
    if (mine === theirs) continue;
    if (mine === null || theirs === null) return theirs === null;
    if (typeof mine === 'number' && typeof theirs === 'number') return mine < theirs;
    return Buffer.compare(Buffer.from(String(mine)), Buffer.from(String(theirs))) < 0;
  }
  return false;
}

/** The parts of an instant in UTC. Takes epoch milliseconds; the week is ISO 8601's, weekday 0 is Sunday. */
export function calendarOf(milliseconds: number) {
  const date = new Date(milliseconds);
  return {
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    week: isoWeek(date),
    month: date.getUTCMonth() + 1,
    year: date.getUTCFullYear(),
    weekday: date.getUTCDay(),
  };
}

function isoWeek(date: Date): number {
  // A week belongs to the year that holds its Thursday, and week 1 is the one with the year's first Thursday.
  const daysToThursday = 4 - (date.getUTCDay() || 7);
  const thursday = new Date(date.getTime() + daysToThursday * 86_400_000);
  // Not Date.UTC, which takes the years 0 to 99 for those of the twentieth century.
  const newYear = new Date(0).setUTCFullYear(thursday.getUTCFullYear(), 0, 1);
  const daysIntoYear = (thursday.getTime() - newYear) / 86_400_000;
  return Math.floor(daysIntoYear / 7) + 1;
}
