import type { Overview } from '../../src/ui/shapes.ts';
import { connectionSource, costOf } from '../../src/commands/ui-source.ts';
import { FaultSwitches } from '../../src/local/faults/switches.ts';
import { Interrupted } from '../../src/errors.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.put('log_data/good.json', event(1));
  await stack.put('log_data/bad.json', '{"ts": oops}');
  await stack.idle();
});
afterAll(() => stack.stop());

const source = () =>
  connectionSource(stack.connection, {
    title: 'stage test',
    everySeconds: 60,
    goalSeconds: 300,
    shell: ' --stage test',
  });
const warehouseCalls = () => stack.switchboard.calls.filter(({ place }) => place === 'redshift-data');

describe('the page of a stage', () => {
  test('asks neither warehouse nor queue before somebody clicks', async () => {
    stack.switchboard.arm();
    const page = source();
    const events: string[] = [];
    page.subscribe(({ name }) => events.push(name))();
    expect([await page.overview(), events, page.faults()]).toEqual([null, ['setup'], []]);
    expect(await page.batches()).toEqual([]);
    await page.deadLetters();
    expect(warehouseCalls()).toEqual([]);
  });

  test('shows after a click what the ledger and the queues know, and adds up', async () => {
    const page = source();
    const told: string[] = [];
    page.subscribe(({ name }) => told.push(name));
    // Two who click at once are one question.
    await Promise.all([page.ask(), page.ask()]);
    const overview: Overview = (await page.overview())!;
    expect(overview).toMatchObject({ seen: 2, counts: { loaded: 1, quarantined: 1 }, queueUnit: 'messages' });
    expect(Object.values(overview.counts).reduce((sum, many) => sum + many, 0)).toBe(overview.seen);
    expect(overview.attention).toContainEqual({ text: '1 object not loaded', command: 'npx sparkify quarantine list' });
    expect(told).toEqual(['setup', 'overview', 'points', 'batches']);
    expect((await page.objects('quarantined')).objects.map(({ url }) => url)).toEqual([
      's3://sparkify-landing/log_data/bad.json',
    ]);
    const [batch] = await page.batches();
    expect(await page.batch(batch!.batchNo)).toMatchObject({
      statements: null,
      fileCount: batch!.objects + batch!.quarantined,
    });
    expect(batch!.stages).toEqual([]);
  });

  test('has no faults and no sample files', async () => {
    await expect(source().drop('good')).rejects.toThrow(/local stack/);
    expect(() => {
      source().setFault('lose', true);
    }).toThrow(/local stack/);
  });

  test('says what asking costs, where the price is known', () => {
    expect(costOf('us-east-1', 60)).toContain('US$ 3.00 an hour at 8 RPU');
    expect(costOf('eu-central-2', 60)).toContain('not known');
  });
});

test('the command prints the page’s address, serves it until Ctrl-C, and refuses a port that is none', async () => {
  const interrupted = new AbortController();
  const printed: string[] = [];
  const running = stack.run(['ui', '--json'], {
    interrupted: interrupted.signal,
    out: (line) => void printed.push(line),
  });
  while (printed.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const { url } = JSON.parse(printed[0]!) as { url: string };
  expect(await (await fetch(`${url}/api/setup`)).json()).toMatchObject({ isLocal: false, title: 'warehouse sparkify' });
  interrupted.abort(new Interrupted('SIGINT'));
  expect((await running).code).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  expect((await stack.run(['ui', '--port', '99999'])).code).toBe(2);
});

describe('the switches of faults', () => {
  test('are off at first, then make their share of calls fail, by themselves or after a plan', () => {
    const planned = new FaultSwitches((service) => (service === 's3' ? { do: 'forbid' } : undefined));
    expect(planned.source('s3', 'GetObject')).toEqual({ do: 'forbid' });
    const struck = (): number =>
      Array.from({ length: 1000 }, () => planned.source('notifications', 'Deliver')).filter(Boolean).length;
    expect(struck()).toBe(0);
    planned.set('lose', true);
    const lost = struck();
    expect(lost).toBeGreaterThan(60);
    expect(lost).toBeLessThan(140);
    expect(planned.list().find(({ id }) => id === 'lose')).toMatchObject({ on: true, struck: lost });
    planned.set('lose', false);
    planned.set('nothing', true);
    expect(struck()).toBe(0);
  });
});
