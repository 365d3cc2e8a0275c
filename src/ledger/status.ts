import type { QueueDepth, Row } from '../ports.ts';
import { countRows, runReport, type LedgerDeps } from './reports.ts';

/** Freshness over a span of time, in whole seconds; undefined where nothing was loaded. */
export type Freshness = { objects: number; p50: number; p95: number; max: number };

/** What the warehouse says of itself. */
export type WarehouseStatus = {
  schemaVersion: number;
  batches: Row[];
  freshness: { hour: Freshness | undefined; day: Freshness | undefined };
  notLoaded: Row[];
  /** Rows of the last day's batches that could not be used. */
  rejectedRows: number;
  tables: Record<string, number>;
};

/** Everything `status` tells. */
export type Status = WarehouseStatus & {
  /** Undefined where no URL is configured. */
  queue: QueueDepth | undefined;
  dlq: QueueDepth | undefined;
};

/** Asks the warehouse, all questions at once; `tables` are those whose rows are counted. @throws LoaderError */
export async function readWarehouseStatus(tables: readonly string[], deps: LedgerDeps): Promise<WarehouseStatus> {
  const [version, batches, freshness, notLoaded, rejected, rowCounts] = await Promise.all([
    runReport('schema-version', {}, deps),
    runReport('last-batches', {}, deps),
    runReport('freshness', {}, deps),
    runReport('not-loaded-by-reason', {}, deps),
    runReport('rejected-lately', {}, deps),
    countRows(tables, deps),
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
    tables: rowCounts,
  };
}
