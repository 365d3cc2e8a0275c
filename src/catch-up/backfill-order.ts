import { SOURCES, type Prefixes, type Source } from '../objects/source.ts';

/** A part of a listing: the keys below a prefix, without those below some others. */
export type KeyRange = { prefix: string; without: string[] };

/**
 * The parts of what lies below a prefix, in the order a backfill sends them: sources in the order of their table, then all that
 * is left. A source that others look things up in comes before them in the table. Songs that land after their plays would read
 * the whole fact and write those plays a second time.
 */
export function backfillRanges(place: string, prefixes: Prefixes, sources: readonly Source[] = SOURCES): KeyRange[] {
  const first = sources
    .slice(0, -1)
    .map((source) => prefixes[source.name] ?? source.defaultPrefix)
    .filter((prefix) => prefix.startsWith(place) && prefix !== place);
  return [...first.map((prefix) => ({ prefix, without: [] })), { prefix: place, without: first }];
}

/** What is left to list of a part: all of it, or what is behind a key. */
export type RemainingRange = KeyRange & { startAfter?: string };

/**
 * What is left once a key was dealt with: the rest of the part it is in, and the parts behind that one. A mark that is no key of
 * any part, but the beginning of keys of one, or outside of the place, cuts each part by the order of keys, so that none is
 * left out for a mark that was only thought to be in the last.
 */
export function remainingFrom(parts: readonly KeyRange[], startAfter: string): RemainingRange[] {
  const isIn = ({ prefix, without }: KeyRange): boolean =>
    startAfter.startsWith(prefix) &&
    !without.some((other) => other.startsWith(startAfter) || startAfter.startsWith(other));
  const index = parts.findIndex(isIn);
  if (index === -1) return parts.map((part) => ({ ...part, startAfter }));
  return parts.slice(index).map((part, behind) => (behind === 0 ? { ...part, startAfter } : part));
}
