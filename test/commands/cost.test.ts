import type { CostReport } from '../../src/cost/report.ts';
import { event } from '../support/files.ts';
import { seededRandom } from '../../src/local/random.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ windowSeconds: 1, batchSize: 100 });
});
afterAll(() => stack.stop());

const outputs = { WindowSeconds: '1', BaseCapacity: '8' };

async function cost(argv: string[], more: Record<string, string> = outputs): Promise<CostReport> {
  const { out, err } = await stack.run(['cost', '--json', '--prices', 'us-east-1', ...argv], { outputs: more });
  if (out === '') throw new Error(err);
  return JSON.parse(out) as CostReport;
}

/** One load as a test wants the ledger to have it. Milliseconds before now, oldest first. */
type Load = { startedMs: number; committedMs: number; landedMs: readonly number[]; replayed?: boolean };

/** Writes loads into the ledger as the loader would: commits in whole seconds. */
async function record(loads: readonly Load[], nowMs: number): Promise<void> {
  const { schema } = stack;
  const time = (agoMs: number, whole = false): string => {
    const at = nowMs - agoMs;
    return `TIMESTAMP '${new Date(whole ? Math.floor(at / 1000) * 1000 : at).toISOString().slice(0, -1).replace('T', ' ')}'`;
  };
  const insert = async (table: string, rows: string[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += 200)
      await stack.rows(`INSERT INTO ${schema}.${table} VALUES ${rows.slice(from, from + 200).join(', ')}`);
  };
  await insert(
    'load_batches',
    loads.map(
      ({ startedMs, committedMs, landedMs }, index) =>
        `('b${index}', ${index + 1}, ${time(startedMs)}, ${time(committedMs, true)}, ${landedMs.length}, 0, 0, ${landedMs.length * 1000}, 0, 0, 0, 0, 0, 0, 0)`,
    ),
  );
  await insert(
    'load_objects',
    loads.flatMap(({ committedMs, startedMs, landedMs, replayed = false }, index) =>
      landedMs.map(
        (at, one) =>
          `('${index}-${one}', 'landing', 'log_data/${index}-${one}.json', 'e', NULL, NULL, 1000, ${time(at)}, 'events', ${replayed}, 'loaded', NULL, NULL, NULL, NULL, 'b${index}', ${index + 1}, ${time(startedMs)}, ${time(committedMs, true)})`,
      ),
    ),
  );
}

const HOUR_MS = 3_600_000;

/** A day of files at random times, loaded as a function with a window would: worked out here, not by the product. */
function dayOfLoads(windowMs: number, perMinute: number, tookMs: (objects: number) => number): Load[] {
  const uniform = seededRandom(7);
  const landed: number[] = [];
  for (let at = 23 * HOUR_MS; at > 0; at -= (-Math.log(1 - uniform()) * 60_000) / perMinute) landed.push(at);
  const loads: Load[] = [];
  let freeMs = Infinity;
  for (;;) {
    if (landed[0] === undefined) break;
    const startedMs = Math.min(landed[0] - windowMs, freeMs);
    if (startedMs < 0) break;
    const landedMs: number[] = [];
    landedMs.push(...landed.splice(0, landed.filter((at) => at >= startedMs).length));
    freeMs = startedMs - tookMs(landedMs.length);
    if (freeMs < 0) break;
    loads.push({ startedMs, committedMs: freeMs, landedMs });
  }
  return loads;
}

/** The milliseconds that are paid for: every one that is within a load, or a minute of its start. */
function paidSeconds(loads: readonly Load[]): number {
  const paid = new Set<number>();
  for (const { startedMs, committedMs } of loads)
    for (let at = startedMs; at > Math.min(committedMs, startedMs - 60_000); at -= 100) paid.add(Math.floor(at / 100));
  return paid.size / 10;
}

describe('the command cost', () => {
  beforeEach(() => stack.reset());

  test('says that there is nothing to reckon where nothing was loaded', async () => {
    const { out, code } = await stack.run(['cost', '--days', '3', '--goal', '60']);
    expect(out).toContain('No batch was loaded in the last 3 days');
    expect(code).toBe(0);
  });

  test.each([
    [60, 2],
    [300, 1],
    [20, 0.3],
  ])(
    'reckons what happened from the ledger, and the window in force, %i s, close to it',
    async (windowSeconds, perMinute) => {
      const nowMs = Date.now();
      const loads = dayOfLoads(windowSeconds * 1000, perMinute, (objects) => 4000 + 500 * objects);
      await record(loads, nowMs);
      const { actual, windows, loadTime } = await cost(['--days', '1', '--stage', 'dev'], {
        ...outputs,
        WindowSeconds: String(windowSeconds),
      });
      expect([actual.loads, actual.objects]).toEqual([loads.length, loads.flatMap(({ landedMs }) => landedMs).length]);
      expect(Math.abs(actual.billedSeconds / paidSeconds(loads) - 1)).toBeLessThan(0.01);
      expect(loadTime!.fixed).toBeGreaterThan(3.7);
      expect(loadTime!.fixed + loadTime!.perObject).toBeCloseTo(4.5, 0);
      const [current, ...others] = windows.filter((one) => one.isCurrent);
      expect(others).toEqual([]);
      expect(current!.windowSeconds).toBe(windowSeconds);
      expect(Math.abs(current!.loads / actual.loads - 1)).toBeLessThan(0.02);
      expect(Math.abs(current!.billedSeconds / actual.billedSeconds - 1)).toBeLessThan(0.02);
      expect(Math.abs(current!.bill!.total / actual.bill!.total - 1)).toBeLessThan(0.02);
      expect(Math.abs(current!.freshness!.p95 - actual.freshness!.p95)).toBeLessThan(1.5);
      expect(Math.abs(current!.freshness!.p50 - actual.freshness!.p50)).toBeLessThan(1.5);
    },
    60_000,
  );

  test('counts replays as work at the time of their load, and never as freshness', async () => {
    const landedMs = Array.from({ length: 50 }, (_, n) => 400 * 24 * HOUR_MS + n);
    const loads = [
      { startedMs: 2 * HOUR_MS, committedMs: 2 * HOUR_MS - 8000, landedMs, replayed: true },
      { startedMs: HOUR_MS, committedMs: HOUR_MS - 5000, landedMs: [HOUR_MS + 20_000] },
    ];
    await record(loads, Date.now());
    const { actual, windows } = await cost(['--days', '1']);
    expect(actual).toMatchObject({ loads: 2, objects: 51, wakeUps: 2 });
    for (const { loads: many, objects, freshness } of windows) {
      expect([many, objects]).toEqual([2, 51]);
      expect(freshness!.p95).toBeLessThan(310);
    }
  });

  test('names the cheapest window that meets a goal, and the command that sets it', async () => {
    await record(
      dayOfLoads(20_000, 1, () => 5000),
      Date.now(),
    );
    const relaxed = await stack.run(['cost', '--stage', 'dev', '--goal', '400', '--days', '1'], { outputs });
    expect(relaxed.out).toContain(
      'npx serverless deploy --stage dev --region eu-central-2 --param="windowSeconds=300"',
    );
    expect(relaxed.code).toBe(0);
    const strict = await cost(['--goal', '40', '--days', '1']);
    const { windowSeconds } = strict.cheapest!;
    const [chosen] = strict.windows.filter((one) => one.windowSeconds === windowSeconds);
    expect(chosen!.freshness!.p95).toBeLessThanOrEqual(40);
    for (const other of strict.windows)
      if (other.freshness!.p95 <= 40) expect(other.bill!.total).toBeGreaterThanOrEqual(chosen!.bill!.total * 0.998);
    const none = await stack.run(['cost', '--goal', '2', '--days', '1']);
    expect(none.out).toContain('No window makes 95 % of the objects queryable within 2.00 s.');
    expect(none.code).toBe(1);
  });

  test('attributes the bill to the sources, to the cent', async () => {
    await stack.put('log_data/one.json', event(1));
    await stack.put('song_data/one.json', '{"song_id": "S1", "title": "t", "artist_id": "A1"}');
    await stack.idle();
    const { actual } = await cost(['--days', '1']);
    expect(actual.sources.map(({ source }) => source)).toEqual(['events', 'songs']);
    expect(actual.sources.reduce((sum, { dollars }) => sum + dollars!, 0)).toBeCloseTo(actual.bill!.total, 6);
    expect(actual.sources.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 6);
  });

  test('is right about a stack that really loads: so many loads, and so fresh', async () => {
    for (let burst = 0; burst < 4; burst += 1) {
      for (let n = 0; n < 5; n += 1) await stack.put(`log_data/${burst}-${n}.json`, event(burst * 5 + n));
      await new Promise((resolve) => setTimeout(resolve, 2500));
    }
    await stack.idle();
    const { actual, windows } = await cost(['--days', '1', '--stage', 'dev']);
    const [current] = windows.filter((one) => one.isCurrent);
    expect(actual.objects).toBe(20);
    // The queue is read twice at once, so what one window gathers may come as two loads, which pay for the same minute.
    expect(actual.loads).toBeGreaterThanOrEqual(current!.loads);
    expect(actual.loads).toBeLessThanOrEqual(2 * current!.loads);
    expect(Math.abs(current!.billedSeconds - actual.billedSeconds)).toBeLessThan(5);
    // The ledger has whole seconds.
    expect(Math.abs(current!.freshness!.p95 - actual.freshness!.p95)).toBeLessThan(2);
  }, 60_000);

  test('says what it does not know, and reckons no dollars for a cluster’s warehouse', async () => {
    await record(dayOfLoads(20_000, 1, () => 5000).slice(0, 50), Date.now());
    const unknown = await stack.run(['cost', '--days', '1']);
    expect(unknown.out).toContain('The base capacity is not known here; 4 RPU');
    expect(unknown.out).toContain('The batch window in force is not known here');
    const { connection } = stack;
    const { config } = connection;
    const { database, secretArn } = config.warehouse;
    const warehouse = { database, cluster: 'mine', ...(secretArn === undefined ? {} : { secretArn }) };
    const cluster = { ...connection, config: { ...config, warehouse } };
    const onCluster = await stack.run(['cost', '--days', '1', '--json', '--prices', 'us-west-2'], {
      connection: cluster,
    });
    const report = JSON.parse(onCluster.out) as CostReport;
    expect(report.actual.bill!.warehouse).toBe(0);
    expect(report.notes.join()).toContain('provisioned cluster');
    const elsewhere = await stack.run(['cost', '--days', '1']);
    expect(elsewhere.out).toContain('The prices of eu-central-2 are not known here');
    expect(elsewhere.out).not.toContain('NaN');
  });

  test.each([
    ['--days', '0'],
    ['--days', '31'],
    ['--days', 'x'],
    ['--prices', 'eu-west-1'],
  ])('refuses %s %s', async (...option) => {
    expect((await stack.run(['cost', ...option])).code).toBe(2);
  });
});
