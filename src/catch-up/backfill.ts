import { backfillRanges, remainingFrom, type RemainingRange } from './backfill-order.ts';
import { objectId } from '../objects/object-version.ts';
import type { LedgerEntry } from '../ledger/entries.ts';
import { compareObject, routeListed } from './compare.ts';
import type { ReplayMode, ReplayObject } from './replay-messages.ts';
import type { S3Location } from '../objects/s3-url.ts';
import type { Source } from '../objects/source.ts';
import type { ObjectStore } from '../ports.ts';
import { readLedgerEntries, type LedgerDeps } from '../ledger/reports.ts';

/** Which objects to backfill. */
export type BackfillRequest = {
  place: S3Location;
  sources: readonly Source[];
  /** Last modified at or after `sinceMs` and before `untilMs`. Epoch milliseconds. */
  sinceMs?: number;
  untilMs?: number;
  match?: (key: string) => boolean;
  /** The most objects to replay. */
  limit?: number;
  /** Keys up to and including this one are skipped. */
  startAfter?: string;
  /** Also replay what is already loaded. */
  all: boolean;
};

/** What a backfill needs from outside. */
export type BackfillDeps = { objects: ObjectStore; ledger: LedgerDeps };

/** What a backfill has seen so far. Objects and bytes by source are those to be replayed. */
export type BackfillTally = {
  listed: number;
  ignored: number;
  notSelected: number;
  alreadyLoaded: number;
  quarantined: number;
  sources: Record<string, { objects: number; bytes: number }>;
};

/** One object to be replayed, and how. */
export type ReplayRequest = { object: ReplayObject; replayMode: ReplayMode };

/**
 * Walks a listing, songs before events, yields what is to be replayed a page at a time, and keeps the tally. Only one page is
 * held in memory.
 * @throws LoaderError
 */
export async function* selectObjects(
  request: BackfillRequest,
  deps: BackfillDeps,
  tally: BackfillTally,
): AsyncGenerator<ReplayRequest[]> {
  let left = request.limit ?? Infinity;
  for await (const page of listInOrder(request, deps.objects)) {
    const selected = page.filter((object) => select(object, request, tally));
    const ledger = request.all ? undefined : (await readLedgerEntries(selected.map(objectId), deps.ledger)).entries;
    const replays: ReplayRequest[] = [];
    for (const object of selected) {
      const replayMode = decide(object, ledger, tally);
      if (replayMode === undefined) continue;
      replays.push({ object, replayMode });
      countSource(object, request.sources, tally);
      left -= 1;
      if (left === 0) break;
    }
    yield replays;
    if (left === 0) return;
  }
}

/** The pages of a listing, in the order of its parts rather than its keys. */
async function* listInOrder(
  { place, sources, startAfter }: BackfillRequest,
  objects: ObjectStore,
): AsyncGenerator<ReplayObject[]> {
  const parts = backfillRanges(place.key, sources);
  const left: RemainingRange[] = startAfter === undefined ? parts : remainingFrom(parts, startAfter);
  for (const part of left) yield* listPart(place.bucket, part, objects);
}

/** Sorts after every key below a prefix. */
const LAST_CHARACTER = '\u{10ffff}';

/** Lists one part. An excluded prefix costs one call instead of a walk through its keys. */
async function* listPart(
  bucket: string,
  { prefix, without, startAfter }: RemainingRange,
  objects: ObjectStore,
): AsyncGenerator<ReplayObject[]> {
  const ahead = new Set(without);
  const leftOut = (key: string): string | undefined => [...ahead].find((other) => key.startsWith(other));
  let from = startAfter;
  for (;;) {
    let next: string | undefined;
    for await (const page of objects.list(bucket, prefix, from)) {
      const end = page.findIndex(({ key }) => leftOut(key) !== undefined);
      yield end === -1 ? page : page.slice(0, end);
      next = leftOut(page[end]?.key ?? '');
      if (next !== undefined) break;
    }
    if (next === undefined) return;
    ahead.delete(next);
    from = `${next}${LAST_CHARACTER}`;
  }
}

/** An empty tally. */
export function emptyTally(): BackfillTally {
  return { listed: 0, ignored: 0, notSelected: 0, alreadyLoaded: 0, quarantined: 0, sources: {} };
}

/** The objects and bytes to be replayed, summed over sources. */
export function totals(tally: BackfillTally): { objects: number; bytes: number } {
  const all = Object.values(tally.sources);
  return {
    objects: all.reduce((sum, { objects }) => sum + objects, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function select(object: ReplayObject, request: BackfillRequest, tally: BackfillTally): boolean {
  tally.listed += 1;
  if (routeListed(object, request.sources).kind === 'ignored') {
    tally.ignored += 1;
    return false;
  }
  const { sinceMs = -Infinity, untilMs = Infinity, match } = request;
  const inTime = object.lastModifiedMs >= sinceMs && object.lastModifiedMs < untilMs;
  if (inTime && (match?.(object.key) ?? true)) return true;
  tally.notSelected += 1;
  return false;
}

function decide(
  object: ReplayObject,
  ledger: ReadonlyMap<string, LedgerEntry> | undefined,
  tally: BackfillTally,
): ReplayMode | undefined {
  if (!ledger) return 'reload';
  const entry = ledger.get(objectId(object));
  const verdict = compareObject(object, entry && { key: object.key, ...entry });
  switch (verdict.kind) {
    case 'loaded':
      tally.alreadyLoaded += 1;
      return undefined;
    case 'dismissed':
      tally.ignored += 1;
      return undefined;
    case 'quarantined':
      tally.quarantined += 1;
      return undefined;
    case 'missing':
    case 'changed':
      return verdict.repair;
  }
}

function countSource(object: ReplayObject, sources: readonly Source[], tally: BackfillTally): void {
  const routed = routeListed(object, sources);
  if (routed.kind === 'ignored') return;
  const counts = (tally.sources[routed.source.name] ??= { objects: 0, bytes: 0 });
  counts.objects += 1;
  counts.bytes += object.sizeBytes;
}
