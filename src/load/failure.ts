import type { LoaderError } from '../errors.ts';
import type { NotLoaded } from '../ledger/entries.ts';
import { s3Url, type ObjectHead } from '../objects/object-version.ts';
import type { Stage } from '../sql/stages.ts';
import type { Statement } from '../sql/statement.ts';
import type { Candidate } from '../objects/source.ts';

/** What to do about a failed transaction. */
export type FailureClass =
  /** Retry the same transaction. */
  | 'retry'
  /** Stage the batch anew: its temporary tables are gone. */
  | 'stage'
  /** Survey again what is staged, and merge it: other loads moved what it touches. */
  | 'survey'
  /** Ask the ledger again what to load: another load recorded an object of the batch. */
  | 'decide'
  /** Some files of this COPY have content that cannot be loaded: find them. */
  | 'content'
  /** Some files of this COPY cannot be read: find them. */
  | 'unreadable'
  /** A statement after COPY failed, possibly because of one file: load the batch in halves. */
  | 'split'
  /** No file is at fault. */
  | 'stop';

const GUARDS = { unchanged: 'decide', covered: 'survey' } as const;

/** Stages of which no statement can fail because of a file. */
const BLAMELESS: ReadonlySet<Stage> = new Set<Stage>(['stage', 'lock']);

/** Classifies a failure by its translated error and the statement that failed. */
export function classifyFailure(error: LoaderError, statement: Statement | undefined): FailureClass {
  switch (error.code) {
    case 'content':
      return 'content';
    case 'missing-object':
    case 'forbidden-object':
      // A COPY without a group reads the ledger's own file, so no landed object is at fault.
      return statement?.group === undefined ? 'stop' : 'unreadable';
    case 'unexpected':
      if (statement?.guard && /divi(sion|de) by zero/i.test(error.message)) return GUARDS[statement.guard];
      return statement === undefined || BLAMELESS.has(statement.stage) ? 'stop' : 'split';
    case 'session':
      return 'stage';
    case 'conflict':
    case 'throttled':
    case 'connection':
    case 'deadline':
      return 'retry';
    case 'unavailable':
    case 'misconfigured':
    case 'usage':
      return 'stop';
  }
}

/** `file_name` of SYS_LOAD_ERROR_DETAIL is CHAR(256); longer names are truncated. */
const FILE_NAME_BYTES = 256;

type ErrorRow = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Reads the rows of sql/report/load-errors.sql: object id → why it is not loaded. A truncated file name
 * that matches several objects is skipped.
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

/** For an object that is gone. */
export const VANISHED: NotLoaded = {
  status: 'vanished',
  code: 'NoSuchKey',
  reason: 'the object was deleted before it was read',
};
/** For an object that may not be read. */
export const DENIED: NotLoaded = { status: 'quarantined', code: 'AccessDenied', reason: 'the object may not be read' };

/** Why HEAD rules an object out; undefined when it does not. */
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
        reason: 'the object is encrypted with a customer-provided key (SSE-C), which COPY cannot use',
      };
    case 'present':
      if (head.archived === undefined) return undefined;
      return {
        status: 'quarantined',
        code: 'InvalidObjectState',
        reason: `the object is archived (${head.archived}): restore it; it loads automatically`,
      };
  }
}

/** For an object that HEAD can see but COPY may not read, although it reads others. */
export function accessDenied(head: ObjectHead, said: string): NotLoaded {
  const key = head.kind === 'present' && head.kmsKey !== undefined ? `; it is encrypted with ${head.kmsKey}` : '';
  return {
    status: 'quarantined',
    code: 'AccessDenied',
    reason: `the warehouse may not read the object${key}: ${said}`,
  };
}

/** For an object that passed COPY and then failed twice on its own. */
export function failedAfterCopy(error: LoaderError, statement: Statement | undefined): NotLoaded {
  const where = statement ? `${statement.stage} (${statement.name})` : 'the transaction';
  return {
    status: 'quarantined',
    code: 'FailedAfterCopy',
    reason: `it passed COPY and failed in ${where}: ${error.message}`,
  };
}
