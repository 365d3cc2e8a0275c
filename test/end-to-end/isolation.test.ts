import { gzipSync } from 'node:zlib';
import { assertAccountsClose } from '../simulation/star.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const key = (name: string): string => `log_data/2018/11/${name}.json`;

describe('one bad file never stops the others', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  beforeEach(() => stack.reset());
  afterAll(() => stack.stop());

  test('of 100 objects 90 load, 8 are quarantined with file, line and reason, one vanished, one is forbidden', async () => {
    for (let n = 0; n < 90; n += 1) await stack.put(key(`good-${n}`), `${event(n)}\n${event(n, { itemInSession: 1 })}`);
    const bad: Record<string, string | Buffer> = {
      'malformed-json': `${event(900)}\n{"artist": "x" "song"}\n${event(901)}`,
      'truncated-last-line': `${event(902)}\n${event(903).slice(0, 60)}`,
      'too-long': `${event(904)}\n${event(905)}\n${event(906, { level: 'x'.repeat(33) })}`,
      'fraction-in-integer': event(907, { sessionId: 1.5 }),
      'invalid-utf8': Buffer.concat([
        Buffer.from(event(908)),
        Buffer.from('\n{"artist":"'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]),
      'root-array': `[${event(909)},${event(910)}]`,
      'empty-list': '[]',
    };
    for (const [name, body] of Object.entries(bad)) await stack.put(key(name), body);
    await stack.put('log_data/2018/11/cut-short.json.gz', gzipSync(event(911)).subarray(0, 40));
    await stack.put(key('deleted'), event(912));
    await stack.put(key('forbidden'), event(913));
    const delivery = stack.takeMessages();
    await stack.remove(key('deleted'));
    stack.forbid(key('forbidden'));
    expect(delivery).toHaveLength(100);

    expect((await stack.deliver(delivery)).failed).toEqual([]);

    const ledger = await stack.ledger();
    const states = ledger.map((row) => row.status);
    expect(states.filter((status) => status === 'loaded')).toHaveLength(90);
    const notLoaded = Object.fromEntries(
      ledger.filter((row) => row.status !== 'loaded').map((row) => [String(row.key).replace(/^.*\//, ''), row]),
    );
    expect(Object.keys(notLoaded)).toHaveLength(10);
    expect(notLoaded).toMatchObject({
      'malformed-json.json': { status: 'quarantined', line: 2 },
      'truncated-last-line.json': { status: 'quarantined', line: 2 },
      'too-long.json': { status: 'quarantined', line: 3, code: '1204', column_name: 'level' },
      'fraction-in-integer.json': {
        status: 'quarantined',
        line: 1,
        code: '1207',
        column_name: 'sessionid',
      },
      'invalid-utf8.json': { status: 'quarantined', line: 2, code: '1220' },
      'root-array.json': { status: 'quarantined', line: 1 },
      'empty-list.json': { status: 'quarantined', line: 1 },
      'cut-short.json.gz': { status: 'quarantined' },
      'deleted.json': { status: 'vanished', code: 'NoSuchKey' },
      'forbidden.json': { status: 'quarantined', code: 'AccessDenied' },
    });
    for (const row of Object.values(notLoaded)) expect(String(row.reason).length).toBeGreaterThan(5);
    await assertAccountsClose(stack.connection.warehouse, stack.schema);
    expect(await stack.count('songplays')).toBe(180);

    const before = await stack.everything();
    expect((await stack.deliver(delivery)).failed).toEqual([]);
    expect(await stack.everything()).toEqual(before);
  }, 120_000);

  test('a corrected upload at the same key loads by itself', async () => {
    await stack.put(key('day'), 'not json');
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('day'))).toBe('quarantined');
    await stack.put(key('day'), event(1));
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf(key('day'))).toBe('loaded');
    expect(await stack.count('songplays')).toBe(1);
  });

  test('2,000 bad files of 4,000 are found in one invocation, and the others load', async () => {
    for (let n = 0; n < 4000; n += 1) await stack.put(key(`f-${n}`), n % 2 ? event(n) : `${event(n)}\n{"ts": oops}`);
    expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    const ledger = await stack.ledger();
    expect(ledger.filter((row) => row.status === 'loaded')).toHaveLength(2000);
    expect(ledger.filter((row) => row.status === 'quarantined' && row.line === 2)).toHaveLength(2000);
    expect(await stack.count('songplays')).toBe(2000);
  }, 180_000);

  test('1 bad file of 4,000 is found in one invocation, and the others load', async () => {
    for (let n = 0; n < 4000; n += 1) await stack.put(key(`f-${n}`), n === 1234 ? '{"ts": oops}' : event(n));
    expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    const notLoaded = await stack.rows("SELECT key, status, line FROM sparkify.objects_now WHERE status <> 'loaded'");
    expect(notLoaded).toEqual([{ key: key('f-1234'), status: 'quarantined', line: 1 }]);
    expect(await stack.count('songplays')).toBe(3999);
  }, 180_000);

  test('hostile keys load and appear intact in the ledger', async () => {
    const keys = [
      `log_data/quote'"\`.json`,
      'log_data/new\nline\ttab.json',
      'log_data/a+b%20c d&e=f.json',
      'log_data/emoji-🎵-ü.json',
      `log_data/'; DROP TABLE sparkify.songplays; --.json`,
      `log_data/${'ä'.repeat(500)}long.json`,
      `log_data/back\\slash.json`,
    ];
    for (const [n, one] of keys.entries()) await stack.put(one, event(n));
    expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    const ledger = await stack.ledger();
    expect(ledger.map((row) => row.key).sort()).toEqual([...keys].sort());
    expect(ledger.map((row) => row.status)).toEqual(keys.map(() => 'loaded'));
    expect(await stack.count('songplays')).toBe(keys.length);
  });

  test('a notification that names a bucket that is not configured is refused, its neighbour loads', async () => {
    await stack.put(key('good'), event(1));
    const foreign = {
      Records: [
        {
          eventName: 'ObjectCreated:Put',
          eventTime: '2018-11-01T00:00:00.000Z',
          s3: { bucket: { name: 'someone-else' }, object: { key: key('x'), size: 1 } },
        },
      ],
    };
    const body = JSON.stringify(foreign);
    expect((await stack.deliver([...stack.takeMessages(), body])).failed).toEqual([body]);
    expect(await stack.count('songplays')).toBe(1);
  });

  test('rows without a key are kept as text with the reason, and the counts close', async () => {
    await stack.put(
      key('rows'),
      [event(1), event(2, { ts: null }), event(3, { sessionId: null }), event(4, { page: 'Home' })].join('\n'),
    );
    await stack.put(
      'song_data/A/song.json',
      '{"song_id": "", "title": "No key", "artist_id": "A"} {"song_id": "S1", "title": "A key", "artist_id": "A"}',
    );
    await stack.deliver(stack.takeMessages());
    expect(await stack.rows('SELECT source, reason, copies FROM sparkify.rejected_rows ORDER BY reason')).toEqual([
      { source: 'events', reason: 'sessionId is missing', copies: 1 },
      { source: 'songs', reason: 'song_id is blank', copies: 1 },
      { source: 'events', reason: 'ts is missing', copies: 1 },
    ]);
    await assertAccountsClose(stack.connection.warehouse, stack.schema);
  });
});
