import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { RootValueSplitter, type RootValue } from './json-values.ts';
import type { JsonPath } from './jsonpaths.ts';
import type { LoadColumn } from './copy-read.ts';
import { invalidUtf8, malformedJson, rootArray } from './load-error-text.ts';
import { firstInvalidByte, replaceInvalidBytes, segmentLines, valueBytesMax } from './spool-lines.ts';
import type { Segment, Spool } from './spool.ts';
import { GatheringWriter } from './spool-writer.ts';
import type { Column, CopyStatement } from './types.ts';

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
};

/** Bad rows kept of one COPY, so that a large file of rubbish cannot fill the memory. */
export const badRowsKept = 100_000;

/** Where the rows of the separated file come from, by row number. */
export type RowOrigins = { file: number[]; line: number[]; startBytes: number[] };

/**
 * The outcome of reading every object value by value. `spellings` are the first-level members that
 * match a column but for their case. Of the bad rows the first `badRowsKept` are kept, and all counted.
 */
export type Separated = { origins: RowOrigins; badRows: BadRow[]; badRowCount: number; spellings: Set<string> };

/**
 * Reads the spooled objects value by value, in the order COPY was given them, and writes those that are rows to `path`,
 * one per line as {"n": row number, "r": document}. What is no row comes back with its place and reason.
 */
export async function separateRows(
  spool: Spool,
  path: string,
  columns: LoadColumn[],
  options: { copy: CopyStatement; signal: AbortSignal },
): Promise<Separated> {
  const output = await open(path, 'w');
  const rows = new RowWriter(new GatheringWriter(output), columns, options.copy);
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
    for (const segment of spool.segments.toSorted((one, other) => one.file - other.file)) {
      options.signal.throwIfAborted();
      await separateSegment(handle, segment, rows);
    }
    await rows.output.flush();
  } finally {
    await handle.close();
    await output.close();
  }
  return rows.separated;
}

async function separateSegment(handle: FileHandle, segment: Segment, rows: RowWriter): Promise<void> {
  const { file } = segment;
  const bad = ({ line, startBytes }: { line: number; startBytes: number }): void => {
    rows.addBad({ file, line, startBytes, ...malformedJson });
  };
  const splitter = new RootValueSplitter(
    valueBytesMax,
    (value) => {
      rows.add(file, value);
    },
    bad,
  );
  for await (const { text, number, startBytes } of segmentLines(handle, segment)) {
    if (text === undefined) {
      const message = `JSON object exceeds the maximum of ${valueBytesMax} bytes`;
      rows.addBad({ file, line: number, startBytes, code: 1204, message });
    } else splitter.push({ text, number, startBytes });
    if (rows.output.isFull) await rows.output.flush();
  }
  splitter.end();
}

class RowWriter {
  readonly separated: Separated = {
    origins: { file: [], line: [], startBytes: [] },
    badRows: [],
    badRowCount: 0,
    spellings: new Set(),
  };
  readonly output: GatheringWriter;
  private readonly columns: LoadColumn[];
  private readonly copy: CopyStatement;
  private readonly names: Set<string>;
  private lastKeys = '';

  constructor(output: GatheringWriter, columns: LoadColumn[], copy: CopyStatement) {
    this.output = output;
    this.columns = columns;
    this.copy = copy;
    this.names = new Set(columns.map(({ column }) => column.name));
  }

  addBad(row: BadRow): void {
    this.separated.badRowCount++;
    if (this.separated.badRows.length < badRowsKept) this.separated.badRows.push(row);
  }

  add(file: number, value: RootValue): void {
    const { origins } = this.separated;
    const place = { file, line: value.line, startBytes: value.startBytes };
    if (value.kind === 'array' && this.copy.json.kind !== 'jsonpaths') {
      this.addBad({ ...place, ...rootArray });
      return;
    }
    let bytes: Buffer = Buffer.from(value.text, 'latin1');
    if (bytes.length > valueBytesMax) {
      this.addBad({ ...place, code: 1204, message: `JSON object exceeds the maximum of ${valueBytesMax} bytes` });
      return;
    }
    if (!isUtf8(bytes)) {
      const bad = this.invalidText(bytes);
      if (bad) {
        this.addBad({ ...place, ...bad });
        return;
      }
      bytes = replaceInvalidBytes(bytes, this.copy.acceptInvalidCharacters ?? '?');
    }
    if (hasLoneSurrogate(value.text)) {
      this.addBad({ ...place, ...invalidUtf8('ed') });
      return;
    }
    this.noteSpellings(value.keys);
    this.output.add(Buffer.from(`{"n":${origins.file.length},"r":`));
    this.output.add(bytes);
    this.output.add(lineEnd);
    origins.file.push(place.file);
    origins.line.push(place.line);
    origins.startBytes.push(place.startBytes);
  }

  // Rows mostly have the keys of the row before, so comparing the whole list saves looking at each.
  private noteSpellings(keys: string[]): void {
    const list = keys.join();
    if (list === this.lastKeys) return;
    this.lastKeys = list;
    for (const key of keys) {
      const name = memberName(key);
      if (this.names.has(name.toLowerCase())) this.separated.spellings.add(name);
    }
  }

  // Bytes that are no UTF-8 matter only in a field that is loaded.
  private invalidText(bytes: Buffer): Omit<BadRow, 'file' | 'line' | 'startBytes'> | undefined {
    const hex = firstInvalidByte(bytes);
    if (hex === undefined || this.copy.acceptInvalidCharacters !== undefined) return undefined;
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    for (const { column, paths } of this.columns) {
      for (const path of paths) {
        const value = valueAt(document, path, this.copy.json.kind === 'auto ignorecase');
        const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
        if (text.includes('\ufffd')) return { ...invalidUtf8(hex), column, value: text };
      }
    }
    return undefined;
  }
}

// A key as written, quotes included, one character per byte.
function memberName(key: string): string {
  if (/^[\x20-\x5b\x5d-\x7e]*$/.test(key)) return key.slice(1, -1);
  return String(JSON.parse(Buffer.from(key, 'latin1').toString('utf8')));
}

const lineEnd = Buffer.from('}\n');

function valueAt(document: unknown, path: JsonPath, ignoreCase: boolean): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const members = Object.entries(inner);
    return members.find(([name]) => name === String(step) || (ignoreCase && name.toLowerCase() === step))?.[1];
  }, document);
}

// A \uD800 without its other half stands for no character; the engine cannot hold it.
function hasLoneSurrogate(text: string): boolean {
  return /\\u[dD][89a-fA-F]/.test(text) && /\\ud[89a-f][0-9a-f]{2}/.test(JSON.stringify(JSON.parse(text)));
}
