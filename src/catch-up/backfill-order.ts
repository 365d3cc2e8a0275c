import type { Source } from '../objects/source.ts';

/** The keys below a prefix, without those below some others. */
export type KeyRange = { prefix: string; without: string[] };

/**
 * The ranges of what lies below a place, in the order a backfill sends them: sources in their order, then all that is of none.
 * Songs that land after their plays would read the whole fact and write those plays a second time.
 */
export function backfillRanges(place: string, sources: readonly Source[]): KeyRange[] {
  const below = sources.map(({ prefix }) => prefix).filter((prefix) => prefix.startsWith(place) && prefix !== place);
  const inside = (outer: string): string[] => below.filter((one) => one !== outer && one.startsWith(outer));
  const ranges = below.map((prefix) => ({ prefix, without: inside(prefix) }));
  return [...ranges, { prefix: place, without: below }];
}

/** What is left to list of a range: all of it, or what is behind a key. */
export type RemainingRange = KeyRange & { startAfter?: string };

/**
 * What is left once a key was dealt with: the rest of the range it is in, and the ranges behind that one. A mark that is no key
 * of any range, but the beginning of keys of one, or outside of the place, cuts each range by the order of keys, so that none is
 * left out for a mark that was only thought to be in the last.
 */
export function remainingFrom(ranges: readonly KeyRange[], startAfter: string): RemainingRange[] {
  const isIn = ({ prefix, without }: KeyRange): boolean =>
    startAfter.startsWith(prefix) &&
    !without.some((other) => other.startsWith(startAfter) || startAfter.startsWith(other));
  const index = ranges.findIndex(isIn);
  if (index === -1) return ranges.map((range) => ({ ...range, startAfter }));
  return ranges.slice(index).map((range, behind) => (behind === 0 ? { ...range, startAfter } : range));
}
