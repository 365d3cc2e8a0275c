import type { LedgerEntry, LedgerStatus } from './entries.ts';
import { compareVersions, type ObjectVersion } from '../objects/object-version.ts';

/** The states an object version can be in, in the order they are reported. */
export const OBJECT_STATES = [
  'loaded',
  'alreadyLoaded',
  'superseded',
  'quarantined',
  'vanished',
  'ignored',
  'deadLettered',
  'waiting',
] as const;
export type ObjectState = (typeof OBJECT_STATES)[number];

/** An object version that was seen. */
export type SeenVersion = ObjectVersion & {
  objectId: string;
  /** It belongs to no source, or is empty. */
  nothingToLoad: boolean;
};

/** A row added to the ledger during the watch. */
export type RecordedRow = { status: LedgerStatus; etag: string; sequencer?: string };

/** A row with its object and its batch. */
export type NewRow = RecordedRow & { objectId: string; batchNo: number };

/** What is known of the versions that were seen. Maps are by object id. */
export type Evidence = {
  /** The ledger's rows since the watch began, oldest first. */
  recorded: ReadonlyMap<string, readonly RecordedRow[]>;
  /** What the ledger says now. */
  ledger: ReadonlyMap<string, LedgerEntry>;
  /** Versions named by dead letters, and by messages in the queue. */
  deadLettered: ReadonlyMap<string, readonly ObjectVersion[]>;
  waiting: ReadonlyMap<string, readonly ObjectVersion[]>;
};

/** How many versions are in each state, and which are in none. */
export type Conservation = { seen: number; counts: Record<ObjectState, number>; unaccounted: SeenVersion[] };

/**
 * Assigns every version that was seen to exactly one state, from the ledger and the queues rather than from counters kept
 * on the way. A version in no state is a bug and is returned by name.
 */
export function countStates(seen: readonly SeenVersion[], evidence: Evidence): Conservation {
  const counts = Object.fromEntries(OBJECT_STATES.map((state) => [state, 0])) as Record<ObjectState, number>;
  const unaccounted: SeenVersion[] = [];
  for (const version of seen) {
    const state = stateOf(version, evidence);
    if (state === undefined) unaccounted.push(version);
    else counts[state] += 1;
  }
  return { seen: seen.length, counts, unaccounted };
}

/** The state of one version; undefined when nothing speaks of it. */
export function stateOf(
  version: SeenVersion,
  { recorded, ledger, deadLettered, waiting }: Evidence,
): ObjectState | undefined {
  if (version.nothingToLoad) return 'ignored';
  const rows = recorded.get(version.objectId) ?? [];
  const own =
    rows.findLast((row) => row.sequencer === version.sequencer) ?? rows.findLast((row) => row.etag === version.etag);
  if (own) return own.status === 'dismissed' ? 'ignored' : own.status;
  const entry = ledger.get(version.objectId);
  if (entry && compareVersions(version, entry) <= 0) {
    if (entry.etag !== version.etag) return 'superseded';
    if (entry.status === 'loaded') return 'alreadyLoaded';
    return entry.status === 'dismissed' ? 'ignored' : entry.status;
  }
  // A later version was loaded before the row of an older one was written: the tables have the newest.
  if (rows.some((row) => row.sequencer !== undefined && isOlder(version, row))) return 'superseded';
  const named = (by: ReadonlyMap<string, readonly ObjectVersion[]>): boolean =>
    (by.get(version.objectId) ?? []).some((one) => compareVersions(version, one) <= 0);
  if (named(deadLettered)) return 'deadLettered';
  return named(waiting) ? 'waiting' : undefined;
}

function isOlder(version: SeenVersion, row: RecordedRow): boolean {
  return compareVersions(version, { sequencer: row.sequencer, eventTimeMs: version.eventTimeMs }) < 0;
}
