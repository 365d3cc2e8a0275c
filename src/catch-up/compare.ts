import type { LedgerRow } from '../ledger/entries.ts';
import type { ReplayMode, ReplayObject } from './replay-messages.ts';
import { route, type Route, type Source } from '../objects/source.ts';

/** The ways in which bucket and ledger differ, in the order they are reported. */
export const FINDING_KINDS = ['missing', 'changed', 'quarantined', 'vanished', 'orphaned'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One difference. `object` is what a repair names: an object in the bucket, or one that is gone. */
export type Finding = {
  kind: FindingKind;
  key: string;
  object?: ReplayObject;
  reason: string;
  /** How a repair would replay it; undefined for what a replay cannot repair. */
  repair?: ReplayMode;
};

/** The status of a listed object according to the ledger. */
export type ObjectStatus =
  | { kind: 'loaded' }
  | { kind: 'dismissed' }
  | { kind: 'missing' | 'changed' | 'quarantined'; reason: string; repair: ReplayMode | undefined };

/**
 * Compares one listed object with the ledger's newest row of its key. The ledger has this version when the etag is the same,
 * its event is not older than the object, and the load began after the object was written: after writes A, B, A the etag alone
 * would mislead, and a notification can be false. Listings have whole seconds, so times are compared in seconds.
 *
 * A version the ledger does not have is replayed as `reload` when the key has a row: within one second the times do not show
 * which version is newer, and the listing is the truth about the bucket.
 */
export function compareObject(object: ReplayObject, row: LedgerRow | undefined): ObjectStatus {
  if (!row) return { kind: 'missing', reason: 'it is not in the ledger', repair: 'ifNew' };
  const read = Math.min(row.eventTimeMs, row.readAfterMs);
  const same = row.etag === object.etag && seconds(read) >= seconds(object.lastModifiedMs);
  switch (row.status) {
    case 'vanished':
      return { kind: 'missing', reason: 'the ledger says vanished, but it is in the bucket', repair: 'reload' };
    case 'loaded':
      if (same) return { kind: 'loaded' };
      return { kind: 'changed', reason: 'it was overwritten after it was loaded', repair: 'reload' };
    case 'dismissed':
      if (same) return { kind: 'dismissed' };
      return { kind: 'changed', reason: 'it was overwritten after it was dismissed', repair: 'reload' };
    case 'quarantined':
      if (same) return { kind: 'quarantined', reason: row.reason ?? 'no reason was recorded', repair: undefined };
      return { kind: 'changed', reason: 'it was overwritten after it was quarantined', repair: 'reload' };
  }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Whether the loader would load an object, and as which source: the planner's rules. */
export function routeListed(object: { key: string; sizeBytes: number }, sources: readonly Source[]): Route {
  if (object.sizeBytes === 0) return { kind: 'ignored', reason: 'it has zero bytes' };
  return route(object.key, sources);
}

/** The bounds of one comparison. */
export type Comparison = {
  bucket: string;
  sources: readonly Source[];
  /** Objects changed after this time may still be in flight and are not judged. Epoch milliseconds. */
  judgedBeforeMs: number;
  /**
   * When the listing began: objects of later events may be missing from it, and loads that began later may have read newer
   * versions than those listed. Epoch milliseconds.
   */
  startedMs: number;
};

/** The result of comparing some of the listing. */
export type Compared = {
  findings: Finding[];
  listed: number;
  ignored: number;
  loaded: number;
  /** Not judged, because they may be in flight. */
  tooRecent: number;
  /** Everything up to this key has been compared; undefined once all is. */
  upTo: string | undefined;
};

/** Nothing compared yet. */
export function nothingCompared(): Compared {
  return { findings: [], listed: 0, ignored: 0, loaded: 0, tooRecent: 0, upTo: undefined };
}

/** A listed object with the ledger's newest row of its key, if any, or a key that only the ledger has. */
export type Pair = { object: ReplayObject; row: LedgerRow | undefined } | { object: undefined; row: LedgerRow };

/** Judges an object that a source would load, or a key that is not listed, and records the result; `listed` is not counted here. */
export function comparePair({ object, row }: Pair, by: Comparison, into: Compared): void {
  if (object === undefined) {
    recordGone(row, by, into);
    return;
  }
  const verdict = compareObject(object, row);
  if (verdict.kind === 'dismissed') into.ignored += 1;
  else if (verdict.kind === 'loaded') into.loaded += 1;
  else if (verdict.kind !== 'quarantined' && isTooRecent(object, row, by)) into.tooRecent += 1;
  else {
    const { kind, reason, repair } = verdict;
    into.findings.push({ kind, key: object.key, object, reason, ...(repair === undefined ? {} : { repair }) });
  }
}

/** Whether the object may still be in flight, or was loaded while it was being listed, when the listing may be behind. */
function isTooRecent(object: ReplayObject, row: LedgerRow | undefined, by: Comparison): boolean {
  return object.lastModifiedMs > by.judgedBeforeMs || (row !== undefined && row.readAfterMs > by.startedMs);
}

/** Records a key that the ledger has and the listing lacks. */
function recordGone(row: LedgerRow, by: Comparison, into: Compared): void {
  if (row.eventTimeMs > by.startedMs) {
    into.tooRecent += 1;
    return;
  }
  const { key, etag } = row;
  switch (row.status) {
    case 'dismissed':
      return;
    case 'loaded':
      into.findings.push({ kind: 'orphaned', key, reason: 'it was loaded, then deleted from the bucket' });
      return;
    case 'vanished':
    case 'quarantined': {
      const reason = GONE[row.status];
      // The repair is a removal message, which makes the loader dismiss the row.
      const object = {
        bucket: by.bucket,
        key,
        etag,
        sizeBytes: 0,
        lastModifiedMs: row.eventTimeMs,
        removed: true as const,
      };
      into.findings.push({ kind: 'vanished', key, object, reason, repair: 'ifNew' });
    }
  }
}

const GONE = {
  vanished: 'it was deleted before it was read',
  quarantined: 'it was quarantined, then deleted from the bucket',
} as const;
