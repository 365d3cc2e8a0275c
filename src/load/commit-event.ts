import type { Source } from '../objects/source.ts';
import type { OutgoingEvent } from '../ports.ts';
import type { Templates } from '../sql/statement.ts';
import { writesOf } from '../sql/writes.ts';
import type { BatchReport } from './outcome.ts';

/** The source and type by which rules of EventBridge pick the event. */
export const EVENT_SOURCE = 'sparkify';
export const EVENT_TYPE = 'Batch Committed';

/**
 * The detail of the event of one committed batch; docs/EVENTS.md explains it. Of fixed size but for names, it is far below the
 * 256 KB of an event. https://docs.aws.amazon.com/eventbridge/latest/userguide/calculate-putevents-entry-size.html
 */
export type CommitEvent = {
  /** Changes with what a reader must know; new fields may be added to a version. */
  version: 1;
  /** Whose batch it is: `sparkify-` and the stage. */
  service: string;
  schema: string;
  /** What tells two events of one batch from those of two batches. */
  batchId: string;
  /** In the order of commits. */
  batchNo: number;
  /** ISO 8601, UTC, by the warehouse's clock. */
  committedAt: string;
  /** The tables that its files are merged into, in order; none when it only recorded what became of files. */
  tables: string[];
  files: { loaded: number; quarantined: number; vanished: number; bytes: number };
  /** As in load_batches: staged = merged + duplicate + skipped + rejected. */
  rows: { staged: number; merged: number; duplicate: number; skipped: number; rejected: number; healed: number };
  /** The time of the oldest S3 event that this delivery still has to load, or has returned to the queue; null for none. */
  oldestNotLoadedAt: string | null;
  /** Whether it is sent from the ledger, because it may not have been sent before. */
  resent: boolean;
};

/** A committed batch; `sources` are those of which it loaded files. */
export type CommittedBatch = { batchId: string; report: BatchReport; sources: readonly string[] };

/** What else the event says. */
export type Circumstances = {
  service: string;
  schema: string;
  sources: readonly Source[];
  load: Templates;
  /** When each object that is still to be loaded was written, epoch milliseconds. */
  notLoadedMs: readonly number[];
  resent: boolean;
};

/** The event of a committed batch. */
export function commitEvent(batch: CommittedBatch, about: Circumstances): OutgoingEvent {
  const { batchId, report } = batch;
  const oldestMs = about.notLoadedMs.reduce((oldest, one) => Math.min(oldest, one), Infinity);
  const detail: CommitEvent = {
    version: 1,
    service: about.service,
    schema: about.schema,
    batchId,
    batchNo: report.batchNo,
    committedAt: new Date(report.committedAtMs).toISOString(),
    tables: tablesOf(batch, about),
    files: {
      loaded: report.objectsLoaded,
      quarantined: report.objectsQuarantined,
      vanished: report.objectsVanished,
      bytes: report.bytesLoaded,
    },
    rows: {
      staged: report.rowsStaged,
      merged: report.rowsMerged,
      duplicate: report.rowsDuplicate,
      skipped: report.rowsSkipped,
      rejected: report.rowsRejected,
      healed: report.rowsHealed,
    },
    oldestNotLoadedAt: oldestMs === Infinity ? null : new Date(oldestMs).toISOString(),
    resent: about.resent,
  };
  const { committedAtMs: timeMs } = report;
  return { source: EVENT_SOURCE, detailType: EVENT_TYPE, timeMs, detail: JSON.stringify(detail) };
}

/** A source this release does not know, of a batch of another release, adds no table. */
function tablesOf({ sources: loaded }: CommittedBatch, { sources, load }: Circumstances): string[] {
  const steps = sources.filter(({ name }) => loaded.includes(name)).flatMap((source) => source.steps);
  const written = writesOf(steps.map((step) => load[step] ?? '')).map(({ table }) => table);
  return [...new Set(written)].sort();
}
