import { addLoads, type Candidate } from '../trace/candidates.ts';
import { runReport, type LedgerDeps } from '../ledger/reports.ts';
import type { StarSource } from '../trace/search.ts';

/** Loads per page: a few megabytes of an answer. */
const LOADS_PER_PAGE = 10_000;

/** A number of objects and their bytes, compressed where they are. */
export type Size = { objects: number; bytes: number };

/** What reading every object of a source would cost. @throws LoaderError */
export async function readSize(source: StarSource, deps: LedgerDeps): Promise<Size> {
  const [row] = await runReport('trace-size', { source }, deps);
  return { objects: Number(row?.objects), bytes: Number(row?.bytes) };
}

/** The objects of a source that some batches loaded, with their loads in these batches. Both numbers are included. @throws LoaderError */
export async function readCandidates(
  source: StarSource,
  batches: { first: number; last: number },
  deps: LedgerDeps,
): Promise<Candidate[]> {
  const candidates = new Map<string, Candidate>();
  let first = batches.first;
  // Ids are hexadecimal, so this comes before all of them.
  let after = '-';
  for (;;) {
    const rows = await runReport('trace-objects', { source }, deps, {
      keywords: { first_batch: String(first), last_batch: String(batches.last), row_limit: String(LOADS_PER_PAGE) },
      literals: { after },
    });
    addLoads(rows, candidates);
    const last = rows.at(-1);
    if (last === undefined || rows.length < LOADS_PER_PAGE) return [...candidates.values()];
    first = Number(last.batch_no);
    after = String(last.object_id);
  }
}

/** A batch by its id or number; undefined where there is none. @throws LoaderError */
export async function readBatch(
  batch: string,
  deps: LedgerDeps,
): Promise<{ batchNo: number; batchId: string; committedAt: string; rejected: number; conflicts: number } | undefined> {
  const [row] = await runReport('trace-batch', { batch }, deps);
  if (row === undefined) return undefined;
  return {
    batchNo: Number(row.batch_no),
    batchId: String(row.batch_id),
    committedAt: String(row.committed_at),
    rejected: Number(row.rows_rejected),
    conflicts: Number(row.keys_in_conflict),
  };
}
