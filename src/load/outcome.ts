import type { LoaderError } from '../errors.ts';
import type { Skipped } from './plan.ts';
import type { Recorded } from '../ledger/entries.ts';
import type { Statement } from '../sql/statement.ts';
import type { Candidate } from '../objects/source.ts';

/** The contents of a committed batch: its row in load_batches. */
export type BatchReport = {
  batchNo: number;
  /** By the warehouse's clock, in whole seconds, read just before the commit. */
  committedAtMs: number;
  objectsLoaded: number;
  objectsQuarantined: number;
  objectsVanished: number;
  bytesLoaded: number;
  rowsStaged: number;
  rowsMerged: number;
  rowsDuplicate: number;
  rowsSkipped: number;
  rowsRejected: number;
  keysInConflict: number;
  rowsHealed: number;
  /** Fields of its files that nobody expects, or that are missing, without those that somebody accepted. */
  fieldsDrifted: number;
};

/** The outcome of a batch. */
export type BatchOutcome =
  | { kind: 'committed'; batchId: string; report: BatchReport; recorded: Recorded[] }
  /** Another load recorded them while this one was under way, so they need no load any more. */
  | { kind: 'skipped'; skipped: Skipped[] }
  /**
   * Nothing was committed; the messages go back and the error says why. `suspect` is an object that passed COPY and then
   * failed twice on its own; `recorded` holds the results known by then.
   */
  | {
      kind: 'returned';
      batchId: string;
      objectIds: string[];
      error: LoaderError;
      statement: Statement | undefined;
      suspect?: { object: Candidate; recorded: Recorded[] };
    };

type Row = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Reads the last statement's row.
 * @throws Error when the row is missing, has other columns than 93-record-report.sql should return, or its counts do not
 * add up.
 */
export function readReport(rows: readonly Row[]): BatchReport {
  const row = rows[0];
  if (!row || rows.length !== 1) throw new Error(`the load reported ${rows.length} rows instead of one`);
  const report = readCounts(row);
  const { rowsStaged: staged, rowsMerged, rowsDuplicate, rowsSkipped, rowsRejected } = report;
  const sum = rowsMerged + rowsDuplicate + rowsSkipped + rowsRejected;
  if (staged !== sum) throw new Error(`batch ${report.batchNo}: rows staged: ${staged}, accounted for: ${sum}`);
  return report;
}

/** Reads a row of load_batches, whether its counts add up or not. @throws Error when it has other columns. */
export function readCounts(row: Row): BatchReport {
  const number = (column: string): number => {
    const value = Number(row[column]);
    if (!Number.isFinite(value)) throw new Error(`the load reported no number in ${column}`);
    return value;
  };
  return {
    batchNo: number('batch_no'),
    committedAtMs: number('committed_at_ms'),
    objectsLoaded: number('objects_loaded'),
    objectsQuarantined: number('objects_quarantined'),
    objectsVanished: number('objects_vanished'),
    bytesLoaded: number('bytes_loaded'),
    rowsStaged: number('rows_staged'),
    rowsMerged: number('rows_merged'),
    rowsDuplicate: number('rows_duplicate'),
    rowsSkipped: number('rows_skipped'),
    rowsRejected: number('rows_rejected'),
    keysInConflict: number('keys_in_conflict'),
    rowsHealed: number('rows_healed'),
    fieldsDrifted: number('fields_drifted'),
  };
}
