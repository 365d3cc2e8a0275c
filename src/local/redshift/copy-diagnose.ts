import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { RootValueSplitter, type RootValue } from './json-values.ts';
import type { JsonPath } from './jsonpaths.ts';
import type { LoadColumn } from './copy-read.ts';
import { invalidUtf8, malformedJson, rootArray } from './load-error-text.ts';
import { firstInvalidByte, replaceInvalidBytes, segmentLines, valueBytesMax } from './spool-lines.ts';
import type { Segment, Spool } from './spool.ts';
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

/** Where the rows of the separated file come from, by row number. */
export type RowOrigins = { file: number[]; line: number[]; startBytes: number[] };

/**
 * The outcome of reading every object value by value. `spellings` are the first-level members that
 * match a column but for their case.
 */
export type Separated = { origins: RowOrigins; badRows: BadRow[]; spellings: Set<string> };

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
  const rows = new RowWriter(createWriteStream(path, { highWaterMark: 1024 * 1024 }), columns, options.copy);
  for (const { file, reason } of spool.unreadable) {
    rows.separated.badRows.push({
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
  } finally {
    await handle.close();
    await rows.close();
  }
  return rows.separated;
}

async function separateSegment(handle: FileHandle, segment: Segment, rows: RowWriter): Promise<void> {
  const { file } = segment;
  const bad = ({ line, startBytes }: { line: number; startBytes: number }): void => {
    rows.separated.badRows.push({ file, line, startBytes, ...malformedJson });
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
      rows.separated.badRows.push({ file, line: number, startBytes, code: 1204, message });
    } else splitter.push({ text, number, startBytes });
    await rows.drained();
  }
  splitter.end();
  await rows.drained();
}

class RowWriter {
  readonly separated: Separated = {
    origins: { file: [], line: [], startBytes: [] },
    badRows: [],
    spellings: new Set(),
  };
  private readonly stream: WriteStream;
  private readonly columns: LoadColumn[];
  private readonly copy: CopyStatement;
  private readonly names: Set<string>;
  private isFull = false;

  constructor(stream: WriteStream, columns: LoadColumn[], copy: CopyStatement) {
    this.stream = stream;
    this.columns = columns;
    this.copy = copy;
    this.names = new Set(columns.map(({ column }) => column.name));
  }

  add(file: number, value: RootValue): void {
    const { origins, badRows, spellings } = this.separated;
    const place = { file, line: value.line, startBytes: value.startBytes };
    if (value.kind === 'array' && this.copy.json.kind !== 'jsonpaths') {
      badRows.push({ ...place, ...rootArray });
      return;
    }
    let bytes: Buffer = Buffer.from(value.text, 'latin1');
    if (bytes.length > valueBytesMax) {
      badRows.push({ ...place, code: 1204, message: `JSON object exceeds the maximum of ${valueBytesMax} bytes` });
      return;
    }
    if (!isUtf8(bytes)) {
      const bad = this.invalidText(bytes);
      if (bad) {
        badRows.push({ ...place, ...bad });
        return;
      }
      bytes = replaceInvalidBytes(bytes, this.copy.acceptInvalidCharacters ?? '?');
    }
    if (hasLoneSurrogate(value.text)) {
      badRows.push({ ...place, ...invalidUtf8('ed') });
      return;
    }
    for (const key of value.keys) {
      const name = memberName(key);
      if (this.names.has(name.toLowerCase())) spellings.add(name);
    }
    this.isFull =
      !this.stream.write(Buffer.concat([Buffer.from(`{"n":${origins.file.length},"r":`), bytes, lineEnd])) ||
      this.isFull;
    origins.file.push(place.file);
    origins.line.push(place.line);
    origins.startBytes.push(place.startBytes);
  }

  async drained(): Promise<void> {
    if (!this.isFull) return;
    if (this.stream.writableNeedDrain) await once(this.stream, 'drain');
    this.isFull = false;
  }

  async close(): Promise<void> {
    this.stream.end();
    await finished(this.stream);
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
