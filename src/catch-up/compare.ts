import { compareKeys } from '../objects/key-order.ts';
import type { LedgerRow } from '../ledger/entries.ts';
import type { ReplayMode, ReplayObject } from './replay-messages.ts';
import { route, type Source } from '../objects/source.ts';

/** The ways in which bucket and ledger differ, in the order they are reported. */
export const FINDING_KINDS = ['missing', 'changed', 'quarantined', 'vanished', 'orphaned'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One difference. `object` is what a repair names: what the bucket has, or what it has no more. */
export type Finding = {
  kind: FindingKind;
  key: string;
  object?: ReplayObject;
  reason: string;
  /** How a repair would replay it; undefined for what a replay cannot repair. */
  repair?: ReplayMode;
};

/** What the ledger's word on a listed object comes to. */
export type ObjectStatus =
  | { kind: 'loaded' }
  | { kind: 'dismissed' }
  | { kind: 'missing' | 'changed' | 'quarantined'; reason: string; repair: ReplayMode | undefined };

/**
 * Judges one listed object by what the ledger says of its key. The ledger has this version when the etag is the same, its event
 * is not older than the object, and the load began after the object was written: after A, B, A the etag alone would lie, and a
 * notification can be false. Listings know whole seconds, so times are compared as such.
 *
 * A version the ledger does not have is replayed as `reload` where the key has a row: within one second the times of two
 * versions do not tell which is newer, and the listing is the truth about what the bucket holds.
 */
export function compareObject(object: ReplayObject, row: LedgerRow | undefined): ObjectStatus {
  if (!row) return { kind: 'missing', reason: 'the ledger does not know it', repair: 'ifNew' };
  const read = Math.min(row.eventTimeMs, row.readAfterMs);
  const same = row.etag === object.etag && seconds(read) >= seconds(object.lastModifiedMs);
  switch (row.status) {
    case 'vanished':
      return { kind: 'missing', reason: 'the ledger has it as vanished, and it is there', repair: 'reload' };
    case 'loaded':
      if (same) return { kind: 'loaded' };
      return { kind: 'changed', reason: 'it was written again since it was loaded', repair: 'reload' };
    case 'dismissed':
      if (same) return { kind: 'dismissed' };
      return { kind: 'changed', reason: 'it was written again since it was dismissed', repair: 'reload' };
    case 'quarantined':
      if (same) return { kind: 'quarantined', reason: row.reason ?? 'no reason was recorded', repair: undefined };
      return { kind: 'changed', reason: 'it was written again since it was quarantined', repair: 'reload' };
  }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Whether the loader would load an object at all, and as what: the rules of the planner. */
export function loadable(
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
  /** Objects changed after this time may still be on their way and are not judged. Epoch milliseconds. */
  judgedBeforeMs: number;
  /** When the listing began: what was loaded from later events may be too new for it to show. Epoch milliseconds. */
  startedMs: number;
};

/** What comparing one page of the listing gave. */
export type Compared = {
  findings: Finding[];
  listed: number;
  ignored: number;
  loaded: number;
  /** Not judged, for they may be on their way. */
  tooRecent: number;
  /** Everything up to this key has been compared; undefined once all is. */
  upTo: string | undefined;
};

/**
 * Merges a listing and the ledger, both in key order, and gives their differences page by page of the listing. Holds one page
 * of each, whatever their lengths.
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
        rows.take();
      }
      const next = await rows.peek();
      const row = next?.key === object.key ? next : undefined;
      if (row) rows.take();
      compareOne(object, row, comparison, compared);
    }
    if (page.length > 0) yield compared;
  }
  const rest: Compared = { findings: [], listed: 0, ignored: 0, loaded: 0, tooRecent: 0, upTo: undefined };
  for (let row = await rows.peek(); row; row = await rows.peek()) {
    recordGone(row, comparison, rest);
    rows.take();
    if (rest.findings.length === REST_PAGE) {
      yield { ...rest, findings: rest.findings.splice(0), upTo: row.key };
    }
  }
  yield rest;
}

/** Findings of keys beyond the last listed one come in pages of this size. */
const REST_PAGE = 1000;

/** Not of a source, or dismissed: both are nobody's concern. */
const IGNORED: ObjectStatus = { kind: 'dismissed' };

function compareOne(object: ReplayObject, row: LedgerRow | undefined, by: Comparison, into: Compared): void {
  into.listed += 1;
  const verdict: ObjectStatus = loadable(object, by.sources).kind === 'ignored' ? IGNORED : compareObject(object, row);
  if (verdict.kind === 'dismissed') into.ignored += 1;
  else if (verdict.kind === 'loaded') into.loaded += 1;
  else if (verdict.kind !== 'quarantined' && object.lastModifiedMs > by.judgedBeforeMs) into.tooRecent += 1;
  else {
    const { kind, reason, repair } = verdict;
    into.findings.push({ kind, key: object.key, object, reason, ...(repair === undefined ? {} : { repair }) });
  }
}

/** The ledger knows the key, the listing does not. */
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
      into.findings.push({ kind: 'orphaned', key, reason: 'it is loaded, and deleted from the bucket since' });
      return;
    case 'vanished':
    case 'quarantined': {
      const reason = GONE[row.status];
      // Repaired by telling the loader that it was removed, which closes the case.
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
  quarantined: 'it was quarantined, and deleted from the bucket since',
} as const;

/** One row at a time out of pages that come when they are needed. */
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

  take(): void {
    this.#index += 1;
  }
}
