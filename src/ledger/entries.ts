import type { Candidate } from '../objects/source.ts';
import { sightingColumns, type Sighting } from './sightings.ts';

/**
 * The states the ledger records. Superseded and ignored versions are only logged and counted. A quarantine becomes dismissed
 * when a person dismisses it, or when its object is deleted or emptied.
 */
const LEDGER_STATUSES = ['loaded', 'quarantined', 'vanished', 'dismissed'] as const;
export type LedgerStatus = (typeof LEDGER_STATUSES)[number];

/** The ledger's newest row of a key. `readAfterMs`: when that load began, which is before it read the object. */
export type LedgerEntry = {
  status: LedgerStatus;
  etag: string;
  sequencer?: string;
  eventTimeMs: number;
  readAfterMs: number;
  /** When that load was merged, by the warehouse's clock, in whole seconds. */
  recordedAtMs: number;
};

/** Why an object was not loaded, as precisely as the warehouse reported it. */
export type NotLoaded = {
  status: Exclude<LedgerStatus, 'loaded'>;
  /** The warehouse's error code (`1207`), or one of our own (`AccessDenied`). */
  code: string;
  reason: string;
  /** 1-based line of the file. */
  line?: number;
  columnName?: string;
};

/** The result of one object in a batch. */
export type Recorded = { object: Candidate; result: { status: 'loaded' } | NotLoaded };

/**
 * The new ledger rows as newline-delimited JSON for COPY: one object per line, keys named as the columns of
 * staging_objects, times in epoch milliseconds. Behind them come what was noticed in the fields of some objects.
 */
export function ledgerFile(recorded: readonly Recorded[], sightings: readonly Sighting[] = []): string {
  const objects = recorded.map(({ object, result }) => ({
    ...objectColumns(object),
    status: result.status,
    ...(result.status === 'loaded'
      ? {}
      : { code: result.code, reason: cut(result.reason, 2048), line: result.line, column_name: result.columnName }),
  }));
  const noticed = sightings.map((one) => ({
    ...objectColumns(one.object),
    status: 'noticed',
    ...sightingColumns(one),
  }));
  return [...objects, ...noticed].map((row) => `${JSON.stringify(row)}\n`).join('');
}

function objectColumns(object: Candidate): Record<string, unknown> {
  return {
    object_id: object.objectId,
    bucket: object.bucket,
    key: object.key,
    etag: object.etag,
    version_id: object.versionId,
    sequencer: object.sequencer,
    size_bytes: object.sizeBytes,
    event_time: object.eventTimeMs,
    source: object.source.name,
    replayed: object.replayed ?? false,
  };
}

/** Truncates a text to a number of UTF-8 bytes without splitting a character. */
function cut(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder().decode(encoded.slice(0, bytes)).replace(/\uFFFD+$/, '');
}

/** Ids per ledger query: 2,500 literals of 32 digits stay below the Data API's 100 KB per statement. */
export const IDS_PER_QUERY = 2500;

/** What the ledger knows of some objects: their newest rows by id, and the number of the newest batch when it was asked. */
export type LedgerAnswer = { entries: Map<string, LedgerEntry>; newestBatch: number };

/** Reads the rows of sql/report/check-ledger.sql. @throws Error when none of them says which batch is the newest. */
export function readLedgerRows(
  rows: readonly Readonly<Record<string, string | number | boolean | null>>[],
): LedgerAnswer {
  const entries = new Map<string, LedgerEntry>();
  let newestBatch: number | undefined;
  for (const row of rows) {
    if (row.status === 'asked') {
      newestBatch = Number(row.batch_no);
      continue;
    }
    const sequencer = row.sequencer;
    entries.set(String(row.object_id), {
      status: readStatus(row.status),
      etag: String(row.etag ?? ''),
      ...(typeof sequencer === 'string' ? { sequencer } : {}),
      eventTimeMs: Number(row.event_time_ms),
      readAfterMs: Number(row.read_after_ms),
      recordedAtMs: Number(row.recorded_at_ms),
    });
  }
  if (newestBatch === undefined) throw new Error('the ledger did not say which batch is the newest');
  return { entries, newestBatch };
}

/** Reads a status of the ledger. @throws Error for one this version does not know. */
export function readStatus(value: unknown): LedgerStatus {
  const status = LEDGER_STATUSES.find((one) => one === value);
  if (status !== undefined) return status;
  throw new Error(`the ledger has status ${JSON.stringify(value)}, which this version does not know`);
}

/** The ledger's newest row of a key, as it is compared with an object of a listing. */
export type LedgerRow = {
  key: string;
  status: LedgerStatus;
  etag: string;
  /** Epoch milliseconds. */
  eventTimeMs: number;
  /** When the load behind the row began, which is before it read the object. Epoch milliseconds. */
  readAfterMs: number;
  /** Why it was not loaded. */
  reason?: string;
};
