import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
beforeEach(() => stack.reset());
afterAll(() => stack.stop());

const key = (name: string): string => `log_data/2018/11/${name}.json`;

/** The body of a notification that nobody but a person wrote. */
function forged(object: Record<string, unknown>, eventTime: string): string {
  const record = { eventName: 'ObjectCreated:Put', eventTime, s3: { bucket: { name: 'sparkify-landing' }, object } };
  return JSON.stringify({ Records: [record] });
}

describe('a notification is a hint', () => {
  test('one with a sequencer and a time beyond all others costs a load, and no later file', async () => {
    await stack.put(key('a'), event(1));
    await stack.deliver(stack.takeMessages());
    const template = { key: key('a'), size: 1024, eTag: '0123456789abcdef0123456789abcdef', sequencer: 'F'.repeat(18) };
    await stack.deliver([forged(template, '2099-01-01T00:00:00.000Z')]);
    for (const n of [2, 3]) {
      await stack.put(key('a'), event(n));
      expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
      expect(await stack.count('songplays')).toBe(n);
    }
  });

  test('one that claims the very content that comes later costs a load, and not that file', async () => {
    await stack.put(key('a'), event(1));
    await stack.deliver(stack.takeMessages());
    await stack.put(key('a'), event(2));
    const [genuine = ''] = stack.takeMessages();
    await stack.put(key('a'), event(1));
    await stack.deliver(stack.takeMessages());
    const { Records } = JSON.parse(genuine) as { Records: [{ s3: { object: Record<string, unknown> } }] };
    await stack.deliver([forged({ ...Records[0].s3.object, sequencer: 'F'.repeat(18) }, '2099-01-01T00:00:00.000Z')]);
    await stack.put(key('a'), event(2));
    await stack.deliver(stack.takeMessages());
    expect(await stack.count('songplays')).toBe(2);
  });

  test('one for an object that is not there hides no object that comes', async () => {
    await stack.deliver([
      forged({ key: key('a'), size: 9, eTag: 'e', sequencer: 'F'.repeat(18) }, '2099-01-01T00:00:00Z'),
    ]);
    expect(await stack.statusOf(key('a'))).toBe('vanished');
    await stack.put(key('a'), event(1));
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('a'))).toBe('loaded');
  });
});

describe('a file of which no row can be used', () => {
  test.each<[string, string, string]>([
    [
      'of another producer',
      '{"Records":[{"eventName":"Put"}]}',
      'none of its fields is known: its first row has Records',
    ],
    [
      'with keys in another spelling',
      '{"session_id":1,"ts":1541000000796,"item_in_session":0}',
      'sessionId, itemInSession are missing',
    ],
    [
      'without a value in any key',
      '{"ts":null,"sessionId":1,"itemInSession":0}\n{"ts":1541000000796,"sessionId":"","itemInSession":0}',
      'each with a value',
    ],
  ])('%s is quarantined, alone and beside others, and says why', async (_, body, reason) => {
    await stack.put(key('alone'), body);
    await stack.deliver(stack.takeMessages());
    await stack.put(key('beside'), body);
    await stack.put(key('bad'), '{"ts": "abc"}');
    await stack.put(key('partly'), `${event(1)}\n${body}`);
    await stack.put(key('healthy'), event(2));
    await stack.put('song_data/a.json', '{"song_id":"SO1","artist_id":"AR1"}');
    const { failed, counts } = await stack.deliver(stack.takeMessages());
    expect(failed).toEqual([]);
    const states = (await stack.ledger()).map((row) => [row.key, row.status, row.code]);
    expect(states).toEqual([
      [key('alone'), 'quarantined', 'NoUsableRow'],
      [key('bad'), 'quarantined', '1206'],
      [key('beside'), 'quarantined', 'NoUsableRow'],
      [key('healthy'), 'loaded', null],
      [key('partly'), 'loaded', null],
      ['song_data/a.json', 'loaded', null],
    ]);
    for (const row of (await stack.ledger()).filter(({ code }) => code === 'NoUsableRow')) {
      expect(row.reason).toContain('none of its rows can be used');
      expect(row.reason).toContain(reason);
    }
    expect(await stack.count('songplays')).toBe(2);
    expect(counts.get('RowsRejected')).toBe(body.split('\n').length);
  });

  test('is found among many, whose rows are rejected in part, by a number of transactions that does not follow them', async () => {
    for (let n = 0; n < 60; n += 1) await stack.put(key(`partly-${n}`), `${event(n)}\n{"ts":null}`);
    await stack.put(key('none'), '{"ts":null}');
    stack.switchboard.arm();
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('none'))).toBe('quarantined');
    const batches = stack.switchboard.calls.filter(({ operation }) => operation === 'BatchExecuteStatement');
    // Staged, the unclear ones counted, staged anew, merged.
    expect(batches).toHaveLength(4);
  });

  test('of no rows at all is loaded: there was nothing to lose', async () => {
    await stack.put(key('blank'), ' \n\n');
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('blank'))).toBe('loaded');
  });
});

describe('a quarantine ends by itself', () => {
  beforeEach(async () => {
    await stack.put(key('a'), 'oops');
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('a'))).toBe('quarantined');
  });

  const removal = (): string =>
    forged({ key: key('a'), sequencer: '0A' }, new Date().toISOString()).replace(
      'ObjectCreated:Put',
      'ObjectRemoved:Delete',
    );

  test('when the object is overwritten by an empty one', async () => {
    await stack.put(key('a'), '');
    expect((await stack.deliver(stack.takeMessages())).counts.get('ObjectsIgnored')).toBe(1);
    expect(await stack.statusOf(key('a'))).toBe('dismissed');
  });

  test('when the object is deleted', async () => {
    await stack.remove(key('a'));
    await stack.deliver([removal()]);
    expect(await stack.statusOf(key('a'))).toBe('dismissed');
  });

  test('and not when it is only said to be deleted', async () => {
    await stack.deliver([removal()]);
    expect(await stack.statusOf(key('a'))).toBe('quarantined');
  });

  test('and a later version loads, the same one that comes again does not', async () => {
    await stack.remove(key('a'));
    await stack.deliver([removal()]);
    await stack.put(key('a'), event(1));
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('a'))).toBe('loaded');
  });
});
