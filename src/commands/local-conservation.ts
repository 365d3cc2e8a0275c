import {
  countStates,
  type Conservation,
  type Evidence,
  type RecordedRow,
  type SeenVersion,
} from '../ledger/conservation.ts';
import { byObjectId, namedBy, readRecorded, seenVersion, writtenVersion, type Written } from '../ledger/seen.ts';
import { readDeadLetter, type DeadLetter } from '../catch-up/dead-letter.ts';
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
  aws: { store: { onChange: (listener: (change: Written) => void) => void } };
  waiting: () => readonly { body: string }[];
  deadLetters: () => readonly { body: string }[];
};

/** A watch that collects the object versions written since it began. */
export type ConservationWatch = {
  audit: () => Promise<ConservationReport>;
  /** The number of the last batch before the watch began. */
  since: string;
};

/** Starts a watch. The schema must exist. @throws LoaderError */
export async function watchObjects(watched: WatchedStack): Promise<ConservationWatch> {
  const deps = ledgerOf(watched.connection);
  const { landing } = watched.connection.config;
  const seen = new Map<string, SeenVersion>();
  watched.aws.store.onChange((change) => {
    const version = writtenVersion(change, landing);
    if (version) seen.set(`${version.key}\n${change.sequencer}`, version);
  });
  // Messages that earlier runs left in the queues are still to be processed, so they count as seen.
  for (const version of namedBy([...watched.waiting(), ...watched.deadLetters()])) {
    if (landing.buckets.includes(version.bucket)) {
      seen.set(`${version.key}\n${version.sequencer ?? version.etag}`, seenVersion(version, landing));
    }
  }
  const [start] = await runReport('rows-since', { since: '0' }, deps);
  const since = String(start?.newest_batch ?? 0);
  return { since, audit: () => audit([...seen.values()], since, watched) };
}

async function audit(seen: SeenVersion[], since: string, watched: WatchedStack): Promise<ConservationReport> {
  const deps = ledgerOf(watched.connection);
  const recorded = new Map<string, RecordedRow[]>();
  for (const { objectId, ...row } of (await readRecorded(since, deps)).rows) {
    recorded.set(objectId, [...(recorded.get(objectId) ?? []), row]);
  }
  const { entries: ledger } = await readLedgerEntries([...new Set(seen.map((version) => version.objectId))], deps);
  const deadLetters = watched.deadLetters();
  const evidence: Evidence = {
    recorded,
    ledger,
    deadLettered: byObjectId(namedBy(deadLetters)),
    waiting: byObjectId(namedBy(watched.waiting())),
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
