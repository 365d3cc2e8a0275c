import { gzipSync } from 'node:zlib';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** One file of each kind that real use brought, and the state it must end in: the same alone as beside all others. */
const FILES: readonly [name: string, body: string | Buffer, state: string][] = [
  ['healthy.json', event(1), 'loaded'],
  ['one-line-in-a-year-that-no-calendar-has.json', `${event(2)}\n${event(3, { ts: 1541000000796000 })}`, 'loaded'],
  ['nothing-but-such-years.json', event(4, { ts: 1541000000796000 }), 'quarantined NoUsableRow'],
  ['wrapped-in-records.json', '{"Records":[{"ts":1}]}', 'quarantined NoUsableRow'],
  ['of-a-connector.json', `{"schema":{},"payload":${event(5)}}`, 'quarantined NoUsableRow'],
  ['a-song.json', '{"song_id":"SO1","title":"t","artist_id":"AR1"}', 'quarantined NoUsableRow'],
  ['not-a-number-where-nobody-looks.json', event(6).replace('{', '{"other":NaN,'), 'quarantined'],
  ['comma-at-the-end.json', event(7).replace(/\}$/, ',\r}'), 'quarantined'],
  ['NUL-in-a-key.json', event(8).replace('{', '{"\\u0000":1,'), 'quarantined'],
  ['NUL-in-a-value.json', event(9, { level: 'fr\u0000ee' }), 'quarantined'],
  ['fraction-in-an-integer.json', event(10, { sessionId: 10.5 }), 'quarantined 1207'],
  ['a-list.json', `[${event(11)}]`, 'quarantined'],
  ['cut-off.json', event(12).slice(0, 50), 'quarantined'],
  ['no-json.json', 'ts,sessionId\n1,2\n', 'quarantined'],
  ['no-gzip.json.gz', event(13), 'quarantined'],
  ['cut-off.json.gz', gzipSync(event(14)).subarray(0, 40), 'quarantined'],
  ['no-bzip2.json.bz2', event(15), 'quarantined'],
  ['no-zstd.json.zst', event(16), 'quarantined'],
  ['blank.json', '\n \n', 'loaded'],
];
const keyOf = (name: string): string => `log_data/2018/11/${name}`;

describe('a file of each kind', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  }, 60_000);
  afterAll(() => stack.stop());

  type State = { status: unknown; code: unknown; reason: unknown; line: unknown; column: unknown };
  async function states(): Promise<Map<string, State>> {
    const rows = await stack.ledger();
    return new Map(
      rows.map(({ key, status, code, reason, line, column_name: column }) => [
        String(key),
        { status, code, reason, line, column },
      ]),
    );
  }

  test('ends in the same state, with the same reason, line and column, alone as beside all others', async () => {
    for (const [name, body] of FILES) {
      await stack.put(keyOf(name), body);
      expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    }
    const alone = await states();
    const plays = await stack.count('songplays');
    await stack.reset();
    for (const [name, body] of FILES) await stack.put(keyOf(name), body);
    expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    expect(await states()).toEqual(alone);
    expect(await stack.count('songplays')).toBe(plays);
    expect(plays).toBe(2);
    for (const [name, , state] of FILES) {
      const { status, code, reason } = alone.get(keyOf(name)) ?? {};
      expect([name, `${String(status)} ${String(code)}`]).toEqual([name, expect.stringContaining(state)]);
      if (status === 'quarantined') expect([name, reason]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    }
  }, 240_000);

  test('is found beside those of another source and of another codec, each by a count of its own', async () => {
    await stack.reset();
    const unusable = { 'log_data/none.json': '{"page":"Home"}', 'song_data/none.json': '{"title":"none"}' };
    for (const [key, body] of Object.entries(unusable)) await stack.put(key, body);
    await stack.put('log_data/none.json.gz', gzipSync('{"page":"Help"}'));
    await stack.put('log_data/one.json', event(20));
    expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    expect((await stack.ledger()).map(({ key, code }) => [key, code])).toEqual([
      ['log_data/none.json', 'NoUsableRow'],
      ['log_data/none.json.gz', 'NoUsableRow'],
      ['log_data/one.json', null],
      ['song_data/none.json', 'NoUsableRow'],
    ]);
  }, 60_000);
});
