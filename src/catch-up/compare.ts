import { compareKeys } from '../objects/key-order.ts';
import type { LedgerRow } from '../ledger/entries.ts';
import type { ReplayMode, ReplayObject } from './replay-messages.ts';
import { route, type Source } from '../objects/source.ts';

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
export function routeListed(
  object: { key: string; sizeBytes: number },
  sources: readonly Source[],
): { kind: 'source'; source: Source } | { kind: 'ignored'; reason: string } {
  if (object.sizeBytes === 0) return { kind: 'ignored', reason: 'it has zero bytes' };
  return route(object.key, sources);
}

/** The bounds of one comparison. */
export type Comparison = {
  bucket: string;
  sources: readonly Source[];
  /** Objects changed after this time may still be in flight and are not judged. Epoch milliseconds. */
  judgedBeforeMs: number;
  /** When the listing began: objects of later events may be missing from it. Epoch milliseconds. */
  startedMs: number;
};

/** The result of comparing one page of the listing. */
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

/**
 * Merges a listing and the ledger, both in key order, and yields their differences per page of the listing. Holds only one
 * page of each.
 */
export async function* compare(
  listing: AsyncIterable<readonly ReplayObject[]>,
  ledger: AsyncIterable<readonly LedgerRow[]>,
  comparison: Comparison,
): AsyncGenerator<Compared> {
  const rows = new Cursor(ledger);
  for await (const page of listing) {
    const compared: Compared = { findings: [], listed: 0, ignored: 0, loaded: 0, tooRecent: 0, upTo: page.at(-1)?.key };
    for (const object of page) {
      for (let row = await rows.peek(); row && compareKeys(row.key, object.key) < 0; row = await rows.peek()) {
        recordGone(row, comparison, compared);
        rows.advance();
      }
      const next = await rows.peek();
      const row = next?.key === object.key ? next : undefined;
      if (row) rows.advance();
      compareOne(object, row, comparison, compared);
    }
    if (page.length > 0) yield compared;
  }
  const rest: Compared = { findings: [], listed: 0, ignored: 0, loaded: 0, tooRecent: 0, upTo: undefined };
  for (let row = await rows.peek(); row; row = await rows.peek()) {
    recordGone(row, comparison, rest);
    rows.advance();
    if (rest.findings.length === REST_PAGE) {
      yield { ...rest, findings: rest.findings.splice(0), upTo: row.key };
    }
  }
  yield rest;
}

/** Findings after the last listed key come in pages of this size. */
const REST_PAGE = 1000;

/** Objects of no source are treated like dismissed ones. */
const IGNORED: ObjectStatus = { kind: 'dismissed' };

function compareOne(object: ReplayObject, row: LedgerRow | undefined, by: Comparison, into: Compared): void {
  into.listed += 1;
  const verdict: ObjectStatus =
    routeListed(object, by.sources).kind === 'ignored' ? IGNORED : compareObject(object, row);
  if (verdict.kind === 'dismissed') into.ignored += 1;
  else if (verdict.kind === 'loaded') into.loaded += 1;
  else if (verdict.kind !== 'quarantined' && object.lastModifiedMs > by.judgedBeforeMs) into.tooRecent += 1;
  else {
    const { kind, reason, repair } = verdict;
    into.findings.push({ kind, key: object.key, object, reason, ...(repair === undefined ? {} : { repair }) });
  }
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

/** Reads rows one at a time from pages that are fetched when needed. */
class Cursor<T> {
  readonly #pages: AsyncIterator<readonly T[]>;
  #page: readonly T[] = [];
  #index = 0;
  #done = false;

  constructor(pages: AsyncIterable<readonly T[]>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  async peek(): Promise<T | undefined> {
    while (!this.#done && this.#index >= this.#page.length) {
      const next = await this.#pages.next();
      if (next.done) this.#done = true;
      else {
        this.#page = next.value;
        this.#index = 0;
      }
    }
    return this.#done ? undefined : this.#page[this.#index];
  }

  advance(): void {
    this.#index += 1;
  }
}
