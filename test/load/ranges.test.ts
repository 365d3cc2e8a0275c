import fc from '../support/fast-check.ts';
import { coverSurvey, LEAST_GAP_MS, MAX_RANGES, type Survey, type TimeRange } from '../../src/load/ranges.ts';
import { readLoadFiles } from '../../src/sql/files.ts';

const DAY = 86_400_000;
const width = ({ fromMs, toMs }: TimeRange): number => toMs - fromMs;
const total = (ranges: readonly TimeRange[]): number => ranges.reduce((sum, range) => sum + width(range), 0);

/** Times some days or centuries apart, sorted. */
const times = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 200_000 })), { minLength: 1, maxLength: 12 })
  .map((days) => [...new Set(days)].sort((a, b) => a - b).map((day) => day * DAY)); // prettier-ignore

function surveyOf(touched: readonly number[]): Survey {
  const gaps = touched.slice(1).map((toMs, index) => ({ fromMs: touched[index] ?? 0, toMs }));
  return { whole: { fromMs: touched[0] ?? 0, toMs: touched.at(-1) ?? 0 }, gaps };
}

/** The least total width of any way to cut at most `cuts` gaps that are worth it, by trying all. */
function leastWidth({ whole, gaps }: Survey, cuts: number): number {
  const worth = gaps.filter((gap) => width(gap) >= LEAST_GAP_MS);
  const choices = Array.from({ length: 2 ** worth.length }, (_, bits) => worth.filter((_gap, n) => (bits >> n) & 1));
  return Math.min(
    ...choices.filter(({ length }) => length <= cuts).map((chosen) => width(whole) - total(chosen)),
  ); // prettier-ignore
}

describe('the ranges of a merge', () => {
  test('cover every time, are apart and in order, at most as many as allowed, with the least total width', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: MAX_RANGES }), (touched, most) => {
        const survey = surveyOf(touched);
        const ranges = coverSurvey(survey, most);
        expect(ranges.length).toBeLessThanOrEqual(most);
        expect(touched.every((time) => ranges.some(({ fromMs, toMs }) => fromMs <= time && time <= toMs))).toBe(true);
        const ends = ranges.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
        expect(ends).toEqual([...ends].sort((a, b) => a - b));
        expect(total(ranges)).toBe(leastWidth(survey, most - 1));
      }),
    );
  });

  test('leave out the decades between a stray play of 1970 and those of one evening', () => {
    const evening = [Date.parse('2018-11-30T21:00:00Z'), Date.parse('2018-11-30T23:00:00Z')];
    expect(coverSurvey(surveyOf([0, ...evening]), 2)).toEqual([
      { fromMs: 0, toMs: 0 },
      { fromMs: evening[0], toMs: evening[1] },
    ]);
  });

  test('are one for plays that are less than a week apart', () => {
    expect(coverSurvey(surveyOf([0, 3 * DAY, 9 * DAY]), MAX_RANGES)).toEqual([{ fromMs: 0, toMs: 9 * DAY }]);
  });
});

test('the survey reports one gap less than a merge has ranges', () => {
  const limit = /widest_first <= (\d+)/.exec(readLoadFiles()['common/49-survey-report'] ?? '')?.[1];
  expect(Number(limit)).toBe(MAX_RANGES - 1);
});
