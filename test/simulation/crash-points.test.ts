import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Call } from '../support/switchboard.ts';
import { CALLS_OF_A_LOAD, CrashBench, type LoadKind } from './crash-points.ts';
import {
  CALL_WAYS,
  callPoints,
  oneOfEach,
  oneWayEach,
  share,
  statementPoints,
  stuckAt,
  sweep,
  type CrashPoint,
} from './crash-sweep.ts';

const PATIENCE_MS = 300_000;
/** How many of the statements fail in one run of the tests, about a third of them; another seed strikes all. */
const STATEMENTS = 18;
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
    const all = KINDS.flatMap((kind) => callPoints(kind, calls[kind], 'errors'));
    points = SEARCHING ? oneWayEach(all) : oneOfEach(all.flat(), SEED);
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

  // One call of each operation, by the seed, fails in each way; with another seed each call fails in one way, and by `npm run prove`
  // in all of them.
  test(
    'calls of a load fail: before they act, after they acted, or without a reply',
    async () => {
      expect(await sweep(bench, points)).toBeGreaterThanOrEqual(21);
    },
    PATIENCE_MS,
  );

  test(
    'SQL statements of the transaction fail: instead of running, or when they have run',
    async () => {
      const all = oneWayEach(statementPoints(calls.clean));
      expect(all.length).toBeGreaterThanOrEqual(50);
      await sweep(bench, SEARCHING ? all : share(all, STATEMENTS, SEED));
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
