import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { MAX_VALUE_BYTES, ValueScanner } from './json-scanner.ts';
import { RootValueSplitter, type RootValue } from './json-values.ts';
import type { LoadColumn } from './exact-read.ts';
import { columnOfFault, type TextFault, escapeFault } from './json-text.ts';
import { invalidUtf8, MALFORMED_JSON, objectTooLarge, ROOT_ARRAY, twoMembers } from './load-error-text.ts';
import { firstInvalidByte, replaceInvalidBytes, splitSegment } from './spool-lines.ts';
import type { Segment, Spool } from './spool.ts';
import { BufferedWriter } from './spool-writer.ts';
import type { Column, CopyStatement } from '../types.ts';

/** A bad row, placed in its object. `startBytes` is where its text begins in the spool file. */
export type BadRow = {
  file: number;
  line: number;
  startBytes: number | undefined;
  code: number;
  message: string;
  column?: Column;
  value?: string;
  position?: number;
  /** Whether COPY fails for it, however many errors it may have. */
  isFatal?: boolean;
};

/** Bad rows kept of one COPY, so that a large file of rubbish cannot fill the memory. */
export const BAD_ROWS_KEPT = 100_000;

/** Where the rows of the separated file come from, by row number. */
export type RowOrigins = { file: number[]; line: number[]; startBytes: number[] };

/**
 * The outcome of reading every object value by value. `spellings` are the first-level members that match a column but for
 * their case, by its name: the rows are rewritten to one for each. Of the bad rows the first `badRowsKept` are kept, and all counted.
 */
export type SeparatedRows = {
  origins: RowOrigins;
  badRows: BadRow[];
  badRowCount: number;
  hasFatal: boolean;
  spellings: Map<string, string>;
};

/**
 * Reads the spooled objects value by value, in the order COPY was given them, and writes those that are rows to `path`,
 * one per line as {"n": row number, "r": document}. What is no row comes back with its place and reason.
 */
export async function separateRows(
  spool: Spool,
  path: string,
  columns: LoadColumn[],
  options: { copy: CopyStatement; signal: AbortSignal },
): Promise<SeparatedRows> {
  const output = await open(path, 'w');
  const rows = new RowWriter(new BufferedWriter(output), columns, options.copy);
  for (const { file, reason } of spool.unreadable) {
    rows.addBad({
      file,
      line: 1,
      startBytes: undefined,
      code: 1216,
      message: `Cannot decompress the file: ${reason}`,
    });
  }
  const handle = await open(spool.path, 'r');
  try {
    for (const segment of spool.segments.toSorted((one, other) => one.file - other.file))
      await separateSegment(handle, segment, rows, options.signal);
    await rows.output.finish();
  } finally {
    await handle.close();
    await output.close();
  }
  return rows.separated;
}

async function separateSegment(
  handle: FileHandle,
  segment: Segment,
  rows: RowWriter,
  signal: AbortSignal,
): Promise<void> {
  const { file } = segment;
  let isOver = false;
  const splitter = new RootValueSplitter(MAX_VALUE_BYTES, {
    onValue: (value) => {
      rows.add(file, value);
    },
    onBadText: (place) => {
      rows.addBad({ file, ...place, ...MALFORMED_JSON });
    },
    onTooLarge: (place) => {
      isOver = true;
      rows.addBad({ file, ...place, ...objectTooLarge(MAX_VALUE_BYTES), isFatal: true });
    },
  });
  await splitSegment(handle, segment, splitter, async () => {
    signal.throwIfAborted();
    if (rows.output.isFull) await rows.output.flush();
    return !isOver;
  });
}

class RowWriter {
  readonly separated: SeparatedRows = {
    origins: { file: [], line: [], startBytes: [] },
    badRows: [],
    badRowCount: 0,
    hasFatal: false,
    spellings: new Map(),
  };
  readonly output: BufferedWriter;
  readonly #columns: LoadColumn[];
  readonly #copy: CopyStatement;
  readonly #byName: Map<string, Column>;
  /** A list of keys that are spelled as they should be. */
  #plainKeys = '';

  constructor(output: BufferedWriter, columns: LoadColumn[], copy: CopyStatement) {
    this.output = output;
    this.#columns = columns;
    this.#copy = copy;
    this.#byName = new Map(columns.map(({ column }) => [column.name, column]));
  }

  addBad(row: BadRow): void {
    this.separated.badRowCount++;
    this.separated.hasFatal ||= row.isFatal ?? false;
    if (this.separated.badRows.length < BAD_ROWS_KEPT) this.separated.badRows.push(row);
  }

  add(file: number, value: RootValue): void {
    const { origins } = this.separated;
    const place = { file, line: value.line, startBytes: value.startBytes };
    const row = this.#rowOf(value);
    if ('code' in row) {
      this.addBad({ ...place, ...row });
      return;
    }
    this.output.add(Buffer.from(`{"n":${origins.file.length},"r":`));
    this.output.add(row.bytes);
    this.output.add(LINE_END);
    origins.file.push(place.file);
    origins.line.push(place.line);
    origins.startBytes.push(place.startBytes);
  }

  #rowOf(value: RootValue): { bytes: Buffer } | TextFault {
    if (value.kind === 'array' && this.#copy.json.kind !== 'jsonpaths') return ROOT_ARRAY;
    const spelled = this.#copy.json.kind === 'auto ignorecase' ? this.#spelled(value) : value.text;
    if (typeof spelled !== 'string') return spelled;
    const bytes = Buffer.from(spelled, 'latin1');
    const escaped = escapeFault(spelled);
    if (escaped) return this.#placed(escaped, bytes);
    const hex = isUtf8(bytes) ? undefined : firstInvalidByte(bytes);
    if (hex === undefined) return { bytes };
    if (this.#copy.acceptInvalidCharacters === undefined) return this.#placed(invalidUtf8(hex), bytes);
    return { bytes: replaceInvalidBytes(bytes, this.#copy.acceptInvalidCharacters) };
  }

  #placed(fault: TextFault, bytes: Buffer): TextFault {
    return { ...fault, ...columnOfFault(bytes, this.#columns, this.#copy.json.kind === 'auto ignorecase') };
  }

  /** The text of a row whose keys are spelled as in the rows before; rows mostly have the keys of the row before. */
  #spelled({ text, keys }: RootValue): string | TextFault {
    const list = keys.join();
    if (list === this.#plainKeys) return text;
    const own = new Map<string, string>();
    const { spellings } = this.separated;
    let isPlain = true;
    for (const key of keys) {
      const name = memberName(key);
      const column = this.#byName.get(asciiLowerCase(name));
      if (!column) continue;
      if ((own.get(column.name) ?? name) !== name) return { ...twoMembers(column), column };
      own.set(column.name, name);
      const known = spellings.get(column.name);
      if (known === undefined) spellings.set(column.name, name);
      isPlain &&= name === (known ?? name);
    }
    if (isPlain) this.#plainKeys = list;
    return isPlain ? text : respelled(text, (name) => spellings.get(asciiLowerCase(name)));
  }
}

/** The same object with some first-level keys spelled as `spelling` says. */
function respelled(text: string, spelling: (name: string) => string | undefined): string {
  const scanner = new ValueScanner();
  scanner.feed(text, 0);
  let [result, from] = ['', 0];
  for (const [i, key] of scanner.keys.entries()) {
    const start = scanner.keyStarts[i] ?? 0;
    const other = spelling(memberName(key));
    result += text.slice(from, start) + (other === undefined ? key : JSON.stringify(other));
    from = start + key.length;
  }
  return result + text.slice(from);
}

/** A name with A to Z in lower case and all else as it is: letters of other scripts are not known to fold on Redshift. */
export function asciiLowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

// A key as written, quotes included, one character per byte.
function memberName(key: string): string {
  if (/^[\x20-\x5b\x5d-\x7e]*$/.test(key)) return key.slice(1, -1);
  return String(JSON.parse(Buffer.from(key, 'latin1').toString('utf8')));
}

const LINE_END = Buffer.from('}\n');
