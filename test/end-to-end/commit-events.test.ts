import { readBatchesOf } from '../../src/ledger/reports.ts';
import type { EventBus } from '../../src/ports.ts';
import { assertAnnounced } from '../simulation/announced.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { PAST_THE_CLIENT } from '../support/switchboard.ts';

const REFUSED = { place: 'event-bus', nth: 1, times: PAST_THE_CLIENT, fault: { do: 'error' } } as const;

test('the function announces each batch once, with what it loaded', async () => {
  const stack = await startTestStack({ events: true });
  await stack.put('log_data/a.json', [event(1), event(2), event(3, { page: 'Home' })].join('\n'));
  await stack.idle();
  await stack.put('log_data/bad.json', '{"ts": ');
  await stack.idle();
  const announced = stack.announced();
  await assertAnnounced(stack);
  await stack.stop();
  expect(announced).toMatchObject([
    {
      source: 'sparkify',
      'detail-type': 'Batch Committed',
      detail: {
        service: 'sparkify-local',
        tables: ['songplays', 'time', 'tracks', 'users'],
        files: { loaded: 1, quarantined: 0 },
        rows: { staged: 3, merged: 2, skipped: 1 },
        oldestNotLoadedAt: null,
        resent: false,
      },
    },
    { detail: { tables: [], files: { loaded: 0, quarantined: 1 }, resent: false } },
  ]);
});

describe('batches of one process', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false, events: true });
  });
  beforeEach(() => stack.reset());
  afterAll(() => stack.stop());

  const write = async (key: string, body: string): Promise<string[]> => {
    await stack.put(key, body);
    return stack.takeMessages();
  };
  const batchesSoFar = (): string[] => stack.announced().map(({ detail }) => detail.batchId);
  const newSince = (known: readonly string[]) => stack.announced().slice(known.length);
  const questions = (): number =>
    stack.switchboard.calls.filter(({ operation }) => operation === 'ExecuteStatement').length;
  /** The batches of the ledger, which a reset empties, and the events that were sent since. */
  const agree = async (known: readonly string[]): Promise<void> => {
    const rows = await stack.rows(`SELECT b.batch_id FROM ${stack.schema}.load_batches AS b`);
    const announced = newSince(known).map(({ detail }) => detail.batchId);
    expect([...new Set(announced)].sort()).toEqual(rows.map(({ batch_id: id }) => String(id)).sort());
  };

  test('a load makes one call more for its event, and asks the ledger once', async () => {
    const [one] = await write('log_data/a.json', event(1));
    stack.switchboard.arm();
    await stack.deliver([one!]);
    expect(stack.switchboard.calls.filter(({ place }) => place === 'event-bus')).toHaveLength(1);
    expect(questions()).toBe(1);
  });

  test('one whose event is refused stays committed; its message comes again until it is taken', async () => {
    const known = batchesSoFar();
    const firstMs = Date.now();
    let bodies = await write('log_data/a.json', event(1));
    for (let times = 1; times <= 3; times += 1) {
      const fault = { do: 'error', code: 'AccessDeniedException', status: 400 } as const;
      stack.switchboard.arm({ ...REFUSED, times: 100, fault });
      const { failed, log } = await stack.deliver(bodies, { received: { times, firstMs } });
      expect(failed).toEqual(bodies);
      expect(log.filter((line) => /^error event not sent .*"code":"misconfigured".*docs\/EVENTS\.md/.test(line))).toHaveLength(1); // prettier-ignore
      bodies = failed;
    }
    expect([newSince(known), await stack.count('load_batches'), await stack.count('songplays')]).toEqual([[], 1, 1]);
    stack.switchboard.arm();
    expect((await stack.deliver(bodies, { received: { times: 4, firstMs } })).failed).toEqual([]);
    expect(newSince(known)).toMatchObject([{ detail: { resent: true, files: { loaded: 1 }, rows: { merged: 1 } } }]);
    await agree(known);
  });

  test('of a refused batch one message waits, and all the others are done', async () => {
    const known = batchesSoFar();
    const firstMs = Date.now();
    const bodies: string[] = [];
    for (let n = 1; n <= 5; n += 1) bodies.push(...(await write(`log_data/${n}.json`, event(n))));
    stack.switchboard.arm({ ...REFUSED, times: 100 });
    const { failed } = await stack.deliver(bodies);
    expect(failed).toHaveLength(1);
    const again = await stack.deliver(failed, { received: { times: 2, firstMs } });
    expect(again.failed).toEqual(failed);
    stack.switchboard.arm();
    expect((await stack.deliver(failed, { received: { times: 3, firstMs } })).failed).toEqual([]);
    expect(newSince(known)).toMatchObject([{ detail: { resent: true, files: { loaded: 5 } } }]);
    await agree(known);
  });

  test('a message that waits for an event is not given up for what else it waits for', async () => {
    await stack.put('log_data/a.json', event(1));
    await stack.put('song_data/a.json', song(1));
    const records = stack.takeMessages().flatMap((body) => (JSON.parse(body) as { Records: unknown[] }).Records);
    const { load } = stack.connection.templates;
    const templates = { ...load, 'songs/61-merge-songs': 'SELECT 1 / 0 AS broken' };
    const body = JSON.stringify({ Records: records });
    const { codes } = await stack.deliver([body], { templates });
    expect([codes, await stack.statusOf('log_data/a.json')]).toEqual([['unexpected'], 'loaded']);
    stack.switchboard.arm({ ...REFUSED, times: 100 });
    const { codes: waiting } = await stack.deliver([body], { templates, received: { times: 2, firstMs: 0 } });
    expect(waiting).toEqual(['connection']);
    stack.switchboard.arm();
  });

  test('one whose rows were superseded before it was announced is announced all the same', async () => {
    const known = batchesSoFar();
    const firstMs = Date.now();
    const first = await write('song_data/a.json', song(1));
    stack.switchboard.arm(REFUSED);
    expect((await stack.deliver(first)).failed).toEqual(first);
    stack.switchboard.arm();
    await stack.deliver(await write('song_data/a.json', song(1, { title: 'newer' })));
    expect(newSince(known)).toHaveLength(1);
    // One call with two events, of which the bus takes the second only.
    stack.switchboard.arm({ ...REFUSED, times: 1, fault: { do: 'refuse entry' } });
    expect((await stack.deliver(first, { received: { times: 2, firstMs } })).failed).toEqual(first);
    stack.switchboard.arm();
    expect((await stack.deliver(first, { received: { times: 3, firstMs } })).failed).toEqual([]);
    await agree(known);
  });

  test('one that a process died over while another staged the same object is announced by the other', async () => {
    const known = batchesSoFar();
    const firstMs = Date.now();
    const ways = [
      { replay: 'ifNew', isKnown: false },
      { replay: 'reload', isKnown: false },
      // What the ledger had of the object before is not all there is to ask about.
      { replay: 'reload', isKnown: true },
    ];
    for (const { replay, isKnown } of ways) {
      const [body] = await write(`log_data/${replay}-${isKnown}.json`, event(1));
      const message = JSON.stringify({ ...(JSON.parse(body!) as object), replay });
      if (isKnown) await stack.deliver([message]);
      let overtaken = false;
      const { failed, steps } = await stack.deliver([message], {
        received: { times: 2, firstMs },
        around: async (step, submit) => {
          if (step.name === 'merge' && !overtaken) {
            overtaken = true;
            stack.switchboard.arm(REFUSED);
            expect((await stack.deliver([message])).failed).toEqual([message]);
            stack.switchboard.arm();
          }
          return submit(step.statements);
        },
      });
      expect([failed, steps.unchangedHits]).toEqual([[], 1]);
    }
    await agree(known);
  });

  test('one of a delivery that fails after it is announced when a part of the delivery is loaded anew', async () => {
    const known = batchesSoFar();
    const bodies = await write('log_data/a.json', event(1));
    const broken: EventBus = { put: () => Promise.reject(new Error('a bug')) };
    await expect(stack.deliver(bodies, { bus: broken })).rejects.toThrow('a bug');
    expect((await stack.deliver(bodies, { part: 'l' })).failed).toEqual([]);
    expect(newSince(known)).toMatchObject([{ detail: { resent: true } }]);
    await agree(known);
  });

  test('a replay of what was loaded, and a message that waited for long, announce nothing and ask nothing more', async () => {
    const bodies = await write('log_data/a.json', event(1));
    await stack.deliver(bodies);
    const known = batchesSoFar();
    for (const received of [
      { times: 1, firstMs: Date.now() },
      { times: 300, firstMs: Date.now() + 120_000 },
    ]) {
      stack.switchboard.arm();
      expect((await stack.deliver(bodies, { received })).failed).toEqual([]);
      expect([newSince(known), questions()]).toEqual([[], 1]);
    }
  });

  test('a rebuild announces nothing, neither itself nor when a message comes again behind it', async () => {
    const firstMs = Date.now();
    const bodies = await write('log_data/a.json', event(1));
    await stack.deliver(bodies);
    const known = batchesSoFar();
    expect(await stack.run(['rebuild', 's3://sparkify-landing/', '--yes'])).toMatchObject({ code: 0 });
    expect(newSince(known)).toEqual([]);
    expect((await stack.deliver(bodies, { received: { times: 2, firstMs } })).failed).toEqual([]);
    expect(newSince(known).filter(({ detail }) => detail.resent)).toEqual([]);
    await stack.run(['rebuild', '--drop-old', '--yes']);
  });

  test('the report finds each batch of more objects than one question has, once, with its sources', async () => {
    const keys = ['log_data/a.json', 'song_data/a.json'];
    await stack.put('log_data/a.json', event(1));
    await stack.put('song_data/a.json', song(1));
    await stack.deliver(stack.takeMessages());
    const rows = await stack.ledger();
    const ids = keys.map((key) => String(rows.find((row) => row.key === key)?.object_id));
    const { connection, schema } = stack;
    const deps = { warehouse: connection.warehouse, reports: connection.templates.report, schema, deadlineMs: () => Date.now() + 60_000 }; // prettier-ignore
    const others = Array.from({ length: 2500 }, (_, index) => index.toString(16).padStart(32, '0'));
    const found = await readBatchesOf([ids[0]!, ...others, ids[1]!], Date.now() - 60_000, deps);
    expect(found.map(({ sources }) => sources)).toEqual([['events', 'songs']]);
    expect(await readBatchesOf(ids, Date.now() + 60_000, deps)).toEqual([]);
  });
});
