import { assumptions, planBackfill, type MeasuredRates, type Workload } from '../../src/catch-up/estimate.ts';

const limits = { maxObjects: 4000, maxBytes: 1_000_000_000 };
const work: Workload = { listed: 15_000, objects: 15_000, bytes: 3_000_000, messages: 30, messageBytes: 4_000_000 };
const measured: MeasuredRates = { batches: 20, secondsMedian: 2, secondsP95: 5, bytesPerSecondBest: 1_000_000 };

describe('the plan of a backfill', () => {
  test('has as few batches as the limits allow, and at most one for each message', () => {
    expect(planBackfill(work, limits, measured, 'us-east-1').batches).toEqual({ low: 4, high: 30 });
    expect(planBackfill({ ...work, bytes: 50_000_000_000 }, limits, measured, 'us-east-1').batches).toEqual({
      low: 50,
      high: 50,
    });
  });

  test('takes the time that batches took, and never less than its bytes need', () => {
    expect(planBackfill(work, limits, measured, 'us-east-1').seconds).toEqual({ low: 8, high: 153 });
    expect(planBackfill({ ...work, bytes: 600_000_000 }, limits, measured, 'us-east-1').seconds).toEqual({
      low: 600,
      high: 750,
    });
  });

  test('knows no time before a batch was measured', () => {
    const unmeasured = { batches: 0, secondsMedian: 0, secondsP95: 0, bytesPerSecondBest: 0 };
    expect(planBackfill(work, limits, unmeasured, 'us-east-1').seconds).toBeUndefined();
  });

  test('costs nothing when there is nothing to load, and at least the minute the warehouse is woken for', () => {
    const nothing = { listed: 5, objects: 0, bytes: 0, messages: 0, messageBytes: 0 };
    expect(planBackfill(nothing, limits, measured, 'us-east-1').dollars).toEqual({ low: 0, high: 0 });
    const { low, high } = planBackfill(work, limits, measured, 'us-east-1').dollars!;
    expect(low).toBeGreaterThan((4 * 0.375) / 60);
    expect(high).toBeGreaterThan(low);
  });

  test('is reckoned with the prices of its region', () => {
    const dollars = (region: string): number => planBackfill(work, limits, measured, region).dollars!.low;
    expect(dollars('us-east-1') - dollars('us-west-2')).toBeCloseTo((4 * (0.375 - 0.36)) / 60, 6);
  });

  test('has no cost where no prices are known, and says so', () => {
    expect(planBackfill(work, limits, measured, 'eu-west-1')).toMatchObject({
      batches: { low: 4 },
      dollars: undefined,
    });
    expect(assumptions(measured, 'eu-west-1').join('\n')).toContain('not for eu-west-1, so the cost is unknown');
  });
});
