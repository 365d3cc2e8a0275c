import {
  countStates,
  type Conservation,
  type Evidence,
  type RecordedRow,
  type SeenVersion,
} from '../ledger/conservation.ts';
import { readStatus } from '../ledger/entries.ts';
import { parseMessage } from '../objects/notification.ts';
import { objectId, type ObjectVersion } from '../objects/object-version.ts';
import { readDeadLetter, type DeadLetter } from '../catch-up/dead-letter.ts';
import { route, type Landing } from '../objects/source.ts';
import { readLedgerEntries, runReport } from '../ledger/reports.ts';
import { ledgerOf } from './connection.ts';
import type { Connection } from '../ports.ts';

/** The rows of a run by outcome. */
export type RowAccount = { staged: number; merged: number; duplicate: number; skipped: number; rejected: number };

/** The audit of a run: every object version in one state, every row in one outcome, and all dead letters. */
export type ConservationReport = {
  objects: Conservation;
  rows: RowAccount;
  batches: number;
  deadLetters: DeadLetter[];
};

/** What is watched: a bucket with its change events, and its queues. */
export type WatchedStack = {
  connection: Connection;
  aws: { store: { onChange: (listener: (change: Change) => void) => void } };
  waiting: () => readonly { body: string }[];
  deadLetters: () => readonly { body: string }[];
};

/** One write to a bucket. */
type Change = {
  name: string;
  bucket: string;
  object: { key: string; etag: string; sizeBytes: number };
  at: Date;
  sequencer: string;
};

/** A watch that collects the object versions written since it began. */
export type ConservationWatch = { audit: () => Promise<ConservationReport> };

/** Starts a watch. The schema must exist. @throws LoaderError */
export async function watchObjects(watched: WatchedStack): Promise<ConservationWatch> {
  const deps = ledgerOf(watched.connection);
  const { landing } = watched.connection.config;
  const seen = new Map<string, SeenVersion>();
  watched.aws.store.onChange(({ name, bucket, object, sequencer, at }) => {
    if (!landing.buckets.includes(bucket) || !name.startsWith('ObjectCreated:')) return;
    const { key, etag, sizeBytes } = object;
    const version = {
      bucket,
      key,
      etag,
      sequencer,
      sizeBytes,
      eventTimeMs: at.getTime(),
      replayMode: 'ifNew' as const,
    };
    seen.set(`${key}\n${sequencer}`, seenOf(version, landing));
  });
  // Messages that earlier runs left in the queues are still to be processed, so they count as seen.
  for (const version of namedBy([...watched.waiting(), ...watched.deadLetters()])) {
    if (landing.buckets.includes(version.bucket)) {
      seen.set(`${version.key}\n${version.sequencer ?? version.etag}`, seenOf(version, landing));
    }
  }
  const [start] = await runReport('rows-since', { since: '0' }, deps);
  const since = String(start?.newest_batch ?? 0);
  return { audit: () => audit([...seen.values()], since, watched) };
}

function seenOf(version: ObjectVersion, { sources }: Landing): SeenVersion {
  const nothingToLoad = version.sizeBytes === 0 || route(version.key, sources).kind === 'ignored';
  return { ...version, objectId: objectId(version), nothingToLoad };
}

async function audit(seen: SeenVersion[], since: string, watched: WatchedStack): Promise<ConservationReport> {
  const deps = ledgerOf(watched.connection);
  const recorded = new Map<string, RecordedRow[]>();
  for (const row of await runReport('objects-since', { since }, deps)) {
    const id = String(row.object_id);
    const sequencer = typeof row.sequencer === 'string' ? { sequencer: row.sequencer } : {};
    const one = { status: readStatus(row.status), etag: String(row.etag ?? ''), ...sequencer };
    recorded.set(id, [...(recorded.get(id) ?? []), one]);
  }
  const { entries: ledger } = await readLedgerEntries([...new Set(seen.map((version) => version.objectId))], deps);
  const deadLetters = watched.deadLetters();
  const evidence: Evidence = {
    recorded,
    ledger,
    deadLettered: byId(namedBy(deadLetters)),
    waiting: byId(namedBy(watched.waiting())),
  };
  const [rows] = await runReport('rows-since', { since }, deps);
  return {
    objects: countStates(seen, evidence),
    rows: {
      staged: Number(rows?.rows_staged),
      merged: Number(rows?.rows_merged),
      duplicate: Number(rows?.rows_duplicate),
      skipped: Number(rows?.rows_skipped),
      rejected: Number(rows?.rows_rejected),
    },
    batches: Number(rows?.batches),
    deadLetters: deadLetters.map(({ body }) => readDeadLetter(body, watched.connection.config.landing)),
  };
}

function namedBy(messages: readonly { body: string }[]): ObjectVersion[] {
  return messages.flatMap(({ body }) => {
    const parsed = parseMessage(body);
    if (parsed.kind === 'malformed') return [];
    return parsed.notifications.flatMap((one) => (one.kind === 'created' ? [one.object] : []));
  });
}

function byId(versions: readonly ObjectVersion[]): Map<string, ObjectVersion[]> {
  const named = new Map<string, ObjectVersion[]>();
  for (const version of versions) {
    const id = objectId(version);
    named.set(id, [...(named.get(id) ?? []), version]);
  }
  return named;
}
