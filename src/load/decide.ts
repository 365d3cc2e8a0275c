import type { LedgerAnswer, LedgerEntry, NotLoaded } from '../ledger/entries.ts';
import { readLedgerEntries } from '../ledger/reports.ts';
import type { Candidate } from '../objects/source.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';
import type { Asked } from './survey.ts';
import { ignoredTombstone, skipKnownVersions, type Skipped, type Tombstone } from './plan.ts';
import { mapConcurrently } from '../pool.ts';

/** What to do with some objects: each is in one of `load` and `skipped`. */
export type Decision = {
  load: Candidate[];
  skipped: Skipped[];
  /** Those of `load` that are only recorded, with the reason. */
  results: Map<string, NotLoaded>;
  asked: Asked;
  /** When the ledger's newest row of an object was recorded, by object id, in epoch milliseconds. */
  recordedMs: Map<string, number>;
};

/** Asks the ledger what it has of some objects, and decides what to do with them. @throws LoaderError */
export async function decide(objects: readonly Candidate[], deps: LoadDeps, deadlineMs: number): Promise<Decision> {
  const tombstones = objects.filter(isTombstone);
  const candidates = objects.filter((one) => !isTombstone(one));
  const atMs = deps.clock.now();
  const { entries: ledger, newestBatch } = await askLedger(objects, deps, deadlineMs);
  const { load, skipped } = skipKnownVersions(candidates, ledger);
  const confirmed = await findConfirmed(tombstones, ledger, deps);
  const ignored = tombstones.filter((one) => !confirmed.includes(one)).map(ignoredTombstone);
  const results = new Map(confirmed.map(({ objectId, dismissal }) => [objectId, dismissal]));
  return {
    load: [...load, ...confirmed],
    skipped: [...skipped, ...ignored],
    results,
    asked: { batchNo: newestBatch, atMs },
    recordedMs: new Map([...ledger].map(([id, { recordedAtMs }]) => [id, recordedAtMs])),
  };
}

/**
 * How far back the ledger is asked about notifications. They can come again for as long as queue and dead-letter queue keep them,
 * 14 days each. What lies further back only costs a load that changes nothing. A replay names what landed at any time.
 */
const LOOK_BACK_MS = 30 * 86_400_000;

function askLedger(objects: readonly Candidate[], deps: LoadDeps, deadlineMs: number): Promise<LedgerAnswer> {
  const isRecent = objects.every((one) => one.replayed !== true && !isTombstone(one));
  const ids = objects.map(({ objectId }) => objectId);
  return readLedgerEntries(ids, ledgerOf(deps, deadlineMs), isRecent ? deps.clock.now() - LOOK_BACK_MS : 0);
}

function isTombstone(object: Candidate): object is Tombstone {
  return 'dismissal' in object;
}

/** The tombstones that hold: the ledger has the key as quarantined or vanished, and the object is gone or empty. */
async function findConfirmed(
  tombstones: readonly Tombstone[],
  ledger: ReadonlyMap<string, LedgerEntry>,
  { objects }: LoadDeps,
): Promise<Tombstone[]> {
  const open = tombstones.filter(({ objectId }) => {
    const status = ledger.get(objectId)?.status;
    return status === 'quarantined' || status === 'vanished';
  });
  const heads = await mapConcurrently(open, ({ bucket, key }) => objects.head(bucket, key));
  return open.filter((_, index) => {
    const head = heads[index];
    return head?.kind === 'missing' || (head?.kind === 'present' && head.sizeBytes === 0);
  });
}
