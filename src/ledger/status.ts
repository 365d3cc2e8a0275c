import type { QueueDepth, Row } from '../ports.ts';
import { readTableHealth, type TableHealth } from './table-health.ts';
import { countRows, runReport, type LedgerDeps } from './reports.ts';

/** Freshness over a span of time, in whole seconds. */
export type Freshness = { objects: number; p50: number; p95: number; max: number };

/** The part of the status that comes from the warehouse. */
export type WarehouseStatus = {
  schemaVersion: number;
  batches: Row[];
  freshness: { hour: Freshness | undefined; day: Freshness | undefined };
  notLoaded: Row[];
  /** Rows of the last day's batches that could not be used. */
  rejectedRows: number;
  /** Objects that were overwritten or deleted since the ledger began; rows that only their former version held may still be there. */
  replacedObjects: number;
  tables: Record<string, number>;
  health: TableHealth;
};

/** Everything `status` shows. */
export type Status = WarehouseStatus & {
  /** Undefined where no URL is configured. */
  queue: QueueDepth | undefined;
  replayQueue: QueueDepth | undefined;
  dlq: QueueDepth | undefined;
};

/** A report on freshness, within the batches of the last day: by span, or by batch. @throws LoaderError */
export async function readFreshness(
  deps: LedgerDeps,
  report: 'freshness' | 'freshness-by-batch' = 'freshness',
): Promise<Row[]> {
  const [first] = await runReport('first-batch', {}, deps);
  return runReport(report, {}, deps, { keywords: { first_batch: String(first?.batch_no) } });
}

/** How many objects were overwritten or deleted since the ledger began, as far as the ledger knows. @throws LoaderError */
export async function countReplaced(deps: LedgerDeps): Promise<number> {
  const [row] = await runReport('replaced-objects', {}, deps);
  return Number(row?.objects);
}

/** Asks the warehouse, all questions at once; `tables` are those whose rows are counted. @throws LoaderError */
export async function readWarehouseStatus(tables: readonly string[], deps: LedgerDeps): Promise<WarehouseStatus> {
  const [version, batches, freshness, notLoaded, rejected, replacedObjects, rowCounts, health] = await Promise.all([
    runReport('schema-version', {}, deps),
    runReport('last-batches', {}, deps),
    readFreshness(deps),
    runReport('not-loaded-by-reason', {}, deps),
    runReport('rejected-lately', {}, deps),
    countReplaced(deps),
    countRows(tables, deps),
    readTableHealth(deps),
  ]);
  const span = (name: string): Freshness | undefined => {
    const row = freshness.find((one) => one.span === name);
    if (!row) return undefined;
    return { objects: Number(row.objects), p50: Number(row.p50), p95: Number(row.p95), max: Number(row.longest) };
  };
  return {
    schemaVersion: Number(version[0]?.version),
    batches,
    freshness: { hour: span('hour'), day: span('day') },
    notLoaded,
    rejectedRows: Number(rejected[0]?.rows_rejected),
    replacedObjects,
    tables: rowCounts,
    health,
  };
}
