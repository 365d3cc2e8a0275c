import { SOURCES, type Prefixes, type Source } from '../objects/source.ts';

/** A part of a listing: the keys below a prefix, except those below some others. */
export type KeyRange = { prefix: string; without: string[] };

/**
 * The parts of a prefix in the order a backfill sends them: sources in the order of their table, then everything else. A source
 * that others look up comes first in the table: songs loaded after their plays would scan the whole fact table and rewrite
 * those plays.
 */
export function backfillRanges(place: string, prefixes: Prefixes, sources: readonly Source[] = SOURCES): KeyRange[] {
  const first = sources
    .slice(0, -1)
    .map((source) => prefixes[source.name] ?? source.defaultPrefix)
    .filter((prefix) => prefix.startsWith(place) && prefix !== place);
  return [...first.map((prefix) => ({ prefix, without: [] })), { prefix: place, without: first }];
}

/** What remains to be listed of a part: all of it, or what follows a key. */
export type RemainingRange = KeyRange & { startAfter?: string };

/**
 * What remains after a key: the rest of the part it is in, and the parts after that one. A `startAfter` that lies in no part,
 * because it is a prefix of several or outside the location, cuts each part by key order, so that nothing is skipped by mistake.
 */
export function remainingFrom(parts: readonly KeyRange[], startAfter: string): RemainingRange[] {
  const isIn = ({ prefix, without }: KeyRange): boolean =>
    startAfter.startsWith(prefix) &&
    !without.some((other) => other.startsWith(startAfter) || startAfter.startsWith(other));
  const index = parts.findIndex(isIn);
  if (index === -1) return parts.map((part) => ({ ...part, startAfter }));
  return parts.slice(index).map((part, behind) => (behind === 0 ? { ...part, startAfter } : part));
}
