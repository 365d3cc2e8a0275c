/** A span of time, both ends included, in epoch milliseconds. */
export type TimeRange = { fromMs: number; toMs: number };

/** Which times a source touches: all of them lie in `whole`, and none inside a gap (its ends are touched). */
export type Survey = { whole: TimeRange; gaps: readonly TimeRange[] };

/** The most ranges of a merge. The survey reports one gap less. */
export const MAX_RANGES = 3;

/**
 * A narrower gap is read along: leaving it out takes further scans and statements, which cost more than a few days' blocks.
 */
export const LEAST_GAP_MS = 7 * 86_400_000;

/**
 * The ranges that cover what a survey found: at most `most` (at least 1), in order and apart, with the least total width that
 * gaps of at least LEAST_GAP_MS allow. So one play of 1970 among today's does not make the merge read half a century.
 */
export function coverSurvey({ whole, gaps }: Survey, most: number): TimeRange[] {
  const width = ({ fromMs, toMs }: TimeRange): number => toMs - fromMs;
  const cuts = gaps
    .filter((gap) => width(gap) >= LEAST_GAP_MS)
    .sort((one, other) => width(other) - width(one))
    .slice(0, most - 1)
    .sort((one, other) => one.fromMs - other.fromMs);
  const starts = [whole.fromMs, ...cuts.map(({ toMs }) => toMs)];
  const ends = [...cuts.map(({ fromMs }) => fromMs), whole.toMs];
  return starts.map((fromMs, index) => ({ fromMs, toMs: ends[index] ?? whole.toMs }));
}
