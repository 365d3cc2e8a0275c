import type { FieldType, Source } from './source.ts';

/** A field of a file that its source does not expect: one that is new, one that a row lacks, or one that holds another type. */
export type FieldFinding = {
  kind: 'new' | 'missing' | 'type';
  field: string;
  types: FieldType[];
  /** The JSON of its first value, cut; absent for one that is missing. */
  example?: string;
};

/** What the beginning of a file shows of its fields. */
export type FieldScan = {
  findings: FieldFinding[];
  /** New fields beyond those that are named. */
  unnamed: number;
};

/** New fields named of one file: enough to see a change of format, few enough that a hostile file fills no table. */
export const NAMED_OF_A_FILE = 20;
/** Characters kept of a value, and of a field's name. */
export const EXAMPLE_LENGTH = 40;
const NAME_LENGTH = 64;
/** How a field is shown whose name is empty. */
const NAMELESS = '""';
/** More of a value than its example ever needs. */
const VALUE_LENGTH = 4 * EXAMPLE_LENGTH;

type Rules = Pick<Source, 'fields'> & { rowKey: Pick<Source['rowKey'], 'ignoreCase'> };

/**
 * Compares the fields of the rows at the beginning of a file with those its source expects. It reads the members of each row one
 * by one, so neither depth nor number nor a row that is cut off matters; at the first thing that is not JSON it ends, because
 * COPY reports that. Only the fields of a row are compared, not what is inside of their values, which no column takes.
 */
export function scanFields(text: string, source: Rules): FieldScan {
  const fold = (name: string): string => (source.rowKey.ignoreCase ? name.toLowerCase() : name);
  const loaded = new Map(Object.entries(source.fields.loaded).map(([name, types]) => [fold(name), { name, types }]));
  const leftOut = new Set(source.fields.leftOut.map(fold));
  const required = [...loaded].filter(([, { types }]) => !types.includes('absent'));
  const found = new Map<string, FieldFinding>();
  const unnamed = new Set<string>();
  let named = 0;
  let row = new Set<string>();
  for (const member of rowMembers(text)) {
    if (member === 'end') {
      for (const [folded, { name }] of required) {
        const id = `missing ${name}`;
        if (!row.has(folded) && !found.has(id)) found.set(id, { kind: 'missing', field: name, types: [] });
      }
      row = new Set();
      continue;
    }
    const folded = fold(member.name);
    row.add(folded);
    if (leftOut.has(folded)) continue;
    const expected = loaded.get(folded);
    if (expected?.types.includes(member.type)) continue;
    const field = expected?.name ?? (shown(member.name, NAME_LENGTH) || NAMELESS);
    const kind = expected === undefined ? 'new' : 'type';
    const known = found.get(`${kind} ${field}`);
    if (known !== undefined) addType(known, member);
    else if (kind === 'new' && named >= NAMED_OF_A_FILE) unnamed.add(field);
    else {
      if (kind === 'new') named += 1;
      const example = shown(member.value, EXAMPLE_LENGTH);
      found.set(`${kind} ${field}`, { kind, field, types: [member.type], example });
    }
  }
  return { findings: [...found.values()], unnamed: unnamed.size };
}

/** Adds what another row has to a finding: a value says more than the null that came first. */
function addType(finding: FieldFinding, { type, value }: Member): void {
  if (finding.types.length === 1 && finding.types[0] === 'null' && type !== 'null') {
    finding.example = shown(value, EXAMPLE_LENGTH);
  }
  if (!finding.types.includes(type)) finding.types.push(type);
}

/** What Redshift's COPY takes in no text: https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html */
const UNSTORABLE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** A text as it is kept: cut to a number of characters, and without those that COPY refuses. */
function shown(text: string, length: number): string {
  const characters = Array.from(text.slice(0, 4 * length));
  const cut = characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : characters.join('');
  return cut.replace(UNSTORABLE, '\uFFFD');
}

type Member = { name: string; type: FieldType; value: string };

/** JSON's blanks, and the mark that some writers begin a file with. */
const BLANKS = /[\s\uFEFF]*/y;
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const WORD = /[^\s,\]}]+(?=[\s,\]}])/y;

/** The members of consecutive objects, with `end` after each complete object, up to the first thing that is none or is cut off. */
function* rowMembers(text: string): Generator<Member | 'end'> {
  let at = after(BLANKS, text, 0) ?? 0;
  while (text[at] === '{') {
    at = afterBlanks(text, at + 1);
    while (text[at] !== '}') {
      const nameEnd = after(STRING, text, at);
      if (nameEnd === undefined) return;
      const name = decoded(text.slice(at, nameEnd));
      at = afterBlanks(text, nameEnd);
      if (name === undefined || text[at] !== ':') return;
      at = afterBlanks(text, at + 1);
      const type = typeAt(text, at);
      if (type === undefined) return;
      const end = valueEnd(text, at);
      yield { name, type, value: text.slice(at, Math.min(end ?? Infinity, at + VALUE_LENGTH)) };
      if (end === undefined) return;
      at = afterBlanks(text, end);
      if (text[at] === ',') at = afterBlanks(text, at + 1);
      else if (text[at] !== '}') return;
    }
    yield 'end';
    at = afterBlanks(text, at + 1);
  }
}

function typeAt(text: string, at: number): FieldType | undefined {
  const first = text[at] ?? '';
  if (first === '"') return 'string';
  if (first === '{') return 'object';
  if (first === '[') return 'array';
  if (first === 't' || first === 'f') return 'boolean';
  if (first === 'n') return 'null';
  return /[-\d]/.test(first) ? 'number' : undefined;
}

/** Where the value ends that begins here; undefined when it is cut off. */
function valueEnd(text: string, start: number): number | undefined {
  if (text[start] === '"') return after(STRING, text, start);
  if (text[start] !== '{' && text[start] !== '[') return after(WORD, text, start);
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === '"') {
      const end = after(STRING, text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    }
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function after(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function afterBlanks(text: string, at: number): number {
  return after(BLANKS, text, at) ?? at;
}

function decoded(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    // No JSON: COPY reports it with its line.
    return undefined;
  }
}
