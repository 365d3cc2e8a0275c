/**
 * Objects that landed within one slice of time, as the ledger sums them up. Times are seconds since the first of the days
 * reckoned. `live`: those whose freshness counts, which are loaded and no replays.
 */
export type Slice = { objects: number; live: number; bytes: number; first: number; last: number };

/** Objects that landed at one point, seconds since the first of the days reckoned. */
export type Arrival = { at: number; objects: number; live: number; bytes: number };

/** The most days that can be reckoned at once, so that a slice is never longer than the minute that is paid for anyway. */
export const MOST_DAYS = 30;

/**
 * The length of a slice in seconds. There are 43,200 slices at most, whatever number of days is reckoned and however many objects
 * landed. docs/COST.md says how far a figure can be off for it.
 */
export function sliceSeconds(days: number): number {
  return 2 * days;
}

/** How many points stand for a slice. */
const POINTS = 30;

/**
 * The arrivals that a slice stands for: its first and last object are where they were, the others evenly between. A window is
 * opened by the first arrival after a pause, so that is the one that must be right.
 */
export function spread(slices: readonly Slice[]): Arrival[] {
  return slices.flatMap(({ objects, live, bytes, first, last }) => {
    const points = last > first ? Math.min(objects, POINTS) : 1;
    const part = (whole: number, point: number): number =>
      Math.floor((whole * (point + 1)) / points) - Math.floor((whole * point) / points);
    return Array.from({ length: points }, (_, point) => ({
      at: points === 1 ? first : first + ((last - first) * point) / (points - 1),
      objects: part(objects, point),
      live: part(live, point),
      bytes: bytes / points,
    }));
  });
}
