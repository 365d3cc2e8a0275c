import type { LoaderError } from '../errors.ts';
import type { NotLoaded } from '../ledger/entries.ts';
import { s3Url, type ObjectHead } from '../objects/object-version.ts';
import { STAGES } from '../sql/stages.ts';
import type { Statement } from '../sql/statement.ts';
import type { Candidate } from '../objects/source.ts';

/** What a failed transaction asks for. */
export type FailureClass =
  /** Try the whole transaction again. */
  | 'retry'
  /** Files of this COPY hold what cannot be loaded: find them. */
  | 'content'
  /** Files of this COPY cannot be read: find them. */
  | 'unreadable'
  /** Rows were rejected: find out of which files. */
  | 'rejected'
  /** Something failed behind COPY, perhaps because of some file: load the batch in halves. */
  | 'split'
  /** No file is at fault. */
  | 'stop';

/** Judges a failure by its translated error and the statement that failed. */
export function classifyFailure(error: LoaderError, statement: Statement | undefined): FailureClass {
  switch (error.code) {
    case 'content':
      return 'content';
    case 'missing-object':
    case 'forbidden-object':
      // Of the ledger's own file, which belongs to no group, no landed object is to blame.
      return statement?.group === undefined ? 'stop' : 'unreadable';
    case 'unexpected':
      if (statement?.guard && /divi(sion|de) by zero/i.test(error.message)) return 'rejected';
      return statement !== undefined && STAGES.indexOf(statement.stage) >= STAGES.indexOf('copy') ? 'split' : 'stop';
    case 'conflict':
    case 'throttled':
    case 'connection':
    case 'deadline':
      return 'retry';
    case 'misconfigured':
    case 'usage':
      return 'stop';
  }
}

/** `file_name` of SYS_LOAD_ERROR_DETAIL is CHAR(256); longer names are cut. */
const FILE_NAME_BYTES = 256;

type ErrorRow = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Reads the rows of sql/report/load-errors.sql: object id → why it is not loaded. A file name that was cut, and now fits
 * several objects, names none of them.
 */
export function readLoadErrors(rows: readonly ErrorRow[], objects: readonly Candidate[]): Map<string, NotLoaded> {
  const byName = new Map<string, Candidate | 'several'>();
  for (const object of objects) {
    const name = cutName(s3Url(object));
    byName.set(name, byName.has(name) ? 'several' : object);
  }
  const bad = new Map<string, NotLoaded>();
  for (const row of rows) {
    const object = byName.get(cutName(String(row.file_name)));
    if (object === undefined || object === 'several') continue;
    const line = Number(row.line_number);
    const columnName = typeof row.column_name === 'string' ? row.column_name : '';
    bad.set(object.objectId, {
      status: 'quarantined',
      code: String(row.error_code),
      reason: String(row.error_message),
      ...(line > 0 ? { line } : {}),
      ...(columnName === '' ? {} : { columnName }),
    });
  }
  return bad;
}

function cutName(url: string): string {
  const bytes = new TextEncoder().encode(url);
  const cut = bytes.length <= FILE_NAME_BYTES ? url : new TextDecoder().decode(bytes.slice(0, FILE_NAME_BYTES));
  return cut.replace(/\uFFFD+$/, '').trimEnd();
}

/** Of an object that is gone. */
export const VANISHED: NotLoaded = {
  status: 'vanished',
  code: 'NoSuchKey',
  reason: 'the object was deleted before it was read',
};
/** Of an object that may not be read. */
export const DENIED: NotLoaded = { status: 'quarantined', code: 'AccessDenied', reason: 'the object may not be read' };

/** What a look at an object says against it; undefined when nothing does. */
export function headFault(head: ObjectHead): NotLoaded | undefined {
  switch (head.kind) {
    case 'missing':
      return VANISHED;
    case 'forbidden':
      return DENIED;
    case 'sealed':
      return {
        status: 'quarantined',
        code: 'CustomerKey',
        reason: 'the object is encrypted with a key of its owner (SSE-C), which COPY cannot have',
      };
    case 'present':
      if (head.archived === undefined) return undefined;
      return {
        status: 'quarantined',
        code: 'InvalidObjectState',
        reason: `the object is archived (${head.archived}): restore it, and it loads by itself`,
      };
  }
}

/** Of an object that HEAD finds in order and COPY may not read, beside others that it reads. */
export function accessDenied(head: ObjectHead, said: string): NotLoaded {
  const key = head.kind === 'present' && head.kmsKey !== undefined ? `; it is encrypted with ${head.kmsKey}` : '';
  return {
    status: 'quarantined',
    code: 'AccessDenied',
    reason: `the warehouse may not read the object${key}: ${said}`,
  };
}

/** An object that passed COPY and fails behind it, again and for itself. */
export function failedAfterCopy(error: LoaderError, statement: Statement | undefined): NotLoaded {
  const where = statement ? `${statement.stage} (${statement.name})` : 'the transaction';
  return {
    status: 'quarantined',
    code: 'FailedAfterCopy',
    reason: `it passed COPY and failed in ${where}: ${error.message}`,
  };
}
