import type { Row } from '../ports.ts';
import { runReport, type LedgerDeps } from '../ledger/reports.ts';

/** The LIMIT of sql/report/not-loaded.sql. */
const ROWS_PER_PAGE = 2000;

/** An object that is quarantined or vanished. */
export type NotLoadedObject = {
  bucket: string;
  key: string;
  etag: string;
  sizeBytes: number;
  status: string;
  reason: string;
  line: number | null;
  column: string | null;
  source: string;
  batchId: string;
  recordedAt: string;
  eventTimeMs: number;
  sequencer: string | null;
};

/** Everything that is quarantined or vanished, page by page of the ledger. */
export async function* listNotLoaded(deps: LedgerDeps, reason: string | undefined): AsyncGenerator<NotLoadedObject> {
  // Ids are hexadecimal, so this comes before all of them.
  let after = '-';
  for (;;) {
    const rows = await runReport('not-loaded', { after }, deps);
    for (const object of rows.map(readRow)) {
      if (reason === undefined || object.reason.toLowerCase().includes(reason.toLowerCase())) yield object;
    }
    if (rows.length < ROWS_PER_PAGE) return;
    after = String(rows.at(-1)?.object_id);
  }
}

function readRow(row: Row): NotLoadedObject {
  return {
    bucket: String(row.bucket),
    key: String(row.key),
    etag: String(row.etag ?? ''),
    sizeBytes: Number(row.size_bytes ?? 0),
    status: String(row.status),
    reason: [row.code, row.reason].filter((part) => part !== null).join(': '),
    line: row.line === null ? null : Number(row.line),
    column: row.column_name === null ? null : String(row.column_name),
    source: String(row.source),
    batchId: String(row.batch_id),
    recordedAt: String(row.recorded_at),
    eventTimeMs: Number(row.event_time_ms),
    sequencer: row.sequencer === null ? null : String(row.sequencer),
  };
}
