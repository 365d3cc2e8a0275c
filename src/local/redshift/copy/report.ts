import { open } from 'node:fs/promises';
import type { BadRow } from './diagnose.ts';
import { columnTypeText } from './load-error-text.ts';
import { s3Url, type LoadFile } from './manifest-file.ts';
import type { Spool } from './spool.ts';
import type { LoadError, Table } from '../types.ts';

/** As much of a raw line or value as the load error tables keep. */
const RAW_CHARACTERS = 1024;

/** The lines of the load error tables for bad rows; reads each row's raw text back from the spool. */
export async function loadErrors(
  badRows: BadRow[],
  load: {
    table: Table;
    files: LoadFile[];
    spool: Spool;
    context: { queryId: number; transactionId: number; sessionId: number };
  },
): Promise<LoadError[]> {
  const { queryId, transactionId, sessionId } = load.context;
  const handle = await open(load.spool.path, 'r');
  try {
    const errors: LoadError[] = [];
    for (const { file, line, startBytes, code, message, column, value, position } of badRows) {
      const address = load.files[file]?.address;
      if (!address) throw new Error(`file ${file} of the load is not among its files`);
      let rawLine = '';
      if (startBytes !== undefined) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(RAW_CHARACTERS), { position: startBytes });
        rawLine = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? '';
      }
      errors.push({
        queryId,
        transactionId,
        sessionId,
        tableName: load.table.name,
        fileName: s3Url(address),
        lineNumber: line,
        columnName: column?.name ?? '',
        ...(column ? columnTypeText(column.type) : { columnType: '', columnLength: '' }),
        position: position ?? 0,
        errorCode: code,
        errorMessage: message,
        rawLine,
        rawFieldValue: (value ?? '').slice(0, RAW_CHARACTERS),
      });
    }
    return errors;
  } finally {
    await handle.close();
  }
}
