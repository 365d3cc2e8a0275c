import { SOURCES, type Prefixes, type Source } from './source.ts';

/** A part of a listing: the keys below a prefix, without those below some others. */
export type Part = { prefix: string; without: string[] };

/**
 * The parts of what lies below a prefix, in the order a backfill sends them: sources in the order of their table, then all that
 * is left. A source that others look things up in comes before them in the table. Songs that land after their plays would read
 * the whole fact and write those plays a second time.
 */
export function backfillParts(place: string, prefixes: Prefixes, sources: readonly Source[] = SOURCES): Part[] {
  const first = sources
    .slice(0, -1)
    .map((source) => prefixes[source.name] ?? source.defaultPrefix)
    .filter((prefix) => prefix.startsWith(place) && prefix !== place);
  return [...first.map((prefix) => ({ prefix, without: [] })), { prefix: place, without: first }];
}

/** The parts that are left once a key was dealt with: the one it is in, and those behind it. */
export function partsFrom(parts: readonly Part[], key: string): Part[] {
  const isIn = ({ prefix, without }: Part): boolean =>
    key.startsWith(prefix) && !without.some((other) => key.startsWith(other));
  const index = parts.findIndex(isIn);
  // A key that is in none of them is only a mark in the order of keys, in which all but the last are not.
  return parts.slice(index === -1 ? parts.length - 1 : index);
}
