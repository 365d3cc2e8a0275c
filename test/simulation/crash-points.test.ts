import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Call } from '../support/switchboard.ts';
import { CALLS_OF_A_LOAD, CrashBench, type LoadKind } from './crash-points.ts';
import { CALL_WAYS, callPoints, oneWayEach, statementPoints, stuckAt, sweep, type CrashPoint } from './crash-sweep.ts';

const PATIENCE_MS = 300_000;
const KINDS: readonly LoadKind[] = ['clean', 'troubles', 'unused'];

describe('a load that is struck at any point ends as if it had not been', () => {
  let stack: TestStack;
  let bench: CrashBench;
  let calls: Record<LoadKind, readonly Call[]>;
  let points: CrashPoint[];
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false, events: true });
    bench = new CrashBench(stack);
    calls = await bench.calls();
    points = oneWayEach(KINDS.flatMap((kind) => callPoints(kind, calls[kind], 'errors')));
  }, PATIENCE_MS);
  afterAll(() => stack.stop());

  test('the calls of a load are those of the list, and all but the last resort fail here in each way', async () => {
    const { kind, fault, options } = stuckAt(10);
    const made = [...Object.values(calls), (await bench.strike(kind, fault, options)).calls].flat();
    const operations = made
      .filter(({ place }) => place !== 'statement')
      .map((call) => `${call.place} ${call.operation}`);
    expect([...new Set(operations)].sort()).toEqual(CALLS_OF_A_LOAD);
    const failed = new Set(points.map(({ operation, way }) => `${operation}: ${way}`));
    // Only at the deadline is a statement cancelled.
    const swept = CALLS_OF_A_LOAD.map((call) => call.replace(/^.* /, '')).filter((name) => name !== 'CancelStatement');
    expect([...failed].sort()).toEqual(swept.flatMap((name) => CALL_WAYS.map((way) => `${name}: ${way}`)).sort());
  });

  // Each call fails in one way, and in the others by `npm run prove`.
  test.each(KINDS)(
    'each call of a load fails: before it acts, after it acted, or without a reply (%s)',
    async (kind) => {
      expect(
        await sweep(
          bench,
          points.filter((point) => point.kind === kind),
        ),
      ).toBeGreaterThanOrEqual(7);
    },
    PATIENCE_MS,
  );

  test(
    'each SQL statement of the transaction fails: instead of running, or when it has run',
    async () => {
      expect(await sweep(bench, oneWayEach(statementPoints(calls.clean)))).toBeGreaterThanOrEqual(50);
    },
    PATIENCE_MS,
  );

  test(
    'the deadline comes while a batch is staged, while COPY runs, while the lock is taken, while the star is merged, and while the ledger is written',
    async () => {
      const statements = calls.clean.filter(({ place }) => place === 'statement').length;
      for (const nth of [3, 12, 26, 40, statements - 1]) {
        const { name, kind, fault, options } = stuckAt(nth);
        const { deliveries } = await bench.strike(kind, fault, options);
        expect({ name, deliveries }).toEqual({ name, deliveries: 2 });
      }
    },
    PATIENCE_MS,
  );
});
