import type { LoaderError } from '../errors.ts';
import type { Recorded } from './ledger.ts';
import type { Statement } from './transaction.ts';

/** What one committed batch was made of, as its row in load_batches says. */
export type BatchReport = {
  batchNo: number;
  objectsLoaded: number;
  objectsQuarantined: number;
  objectsVanished: number;
  bytesLoaded: number;
  rowsStaged: number;
  rowsMerged: number;
  rowsDuplicate: number;
  rowsOtherPages: number;
  rowsRejected: number;
  keysInConflict: number;
  playsHealed: number;
};

/** What became of a batch. */
export type BatchOutcome =
  | { kind: 'committed'; batchId: string; report: BatchReport; recorded: Recorded[] }
  /** Nothing was committed; the messages go back, and the error says why. */
  | { kind: 'returned'; batchId: string; objectIds: string[]; error: LoaderError; statement: Statement | undefined };

/**
 * Reads the last statement's row.
 * @throws Error when the row is missing or has other columns: then sql/load/90-report.sql and this code disagree.
 */
export function readReport(rows: readonly Readonly<Record<string, string | number | boolean | null>>[]): BatchReport {
  const row = rows[0];
  if (!row || rows.length !== 1) throw new Error(`the load reported ${rows.length} rows instead of one`);
  const number = (column: string): number => {
    const value = Number(row[column]);
    if (!Number.isFinite(value)) throw new Error(`the load reported no number in ${column}`);
    return value;
  };
  return {
    batchNo: number('batch_no'),
    objectsLoaded: number('objects_loaded'),
    objectsQuarantined: number('objects_quarantined'),
    objectsVanished: number('objects_vanished'),
    bytesLoaded: number('bytes_loaded'),
    rowsStaged: number('rows_staged'),
    rowsMerged: number('rows_merged'),
    rowsDuplicate: number('rows_duplicate'),
    rowsOtherPages: number('rows_other_pages'),
    rowsRejected: number('rows_rejected'),
    keysInConflict: number('keys_in_conflict'),
    playsHealed: number('plays_healed'),
  };
}
