/** Looks at the fields of files that are hostile, slow or forbidden, and sources that refuse files with unknown ones. */
import { deliverInTurn } from '../support/deliver-in-turn.ts';
import { event } from '../support/files.ts';
import { invokeLoader } from '../support/loader.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { PlannedFault } from '../support/switchboard.ts';

type Told = { name: string; kind: string; found: number; looked: number };

const url = (key: string): string => `s3://sparkify-landing/${key}`;
const drift = async (stack: TestStack): Promise<Told[]> => (await stack.json(['drift'])).fields as Told[];

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());
afterEach(() => stack.reset());

describe('hostile fields', () => {
  const deep = JSON.stringify({ a: 1 }).replace('1', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`);
  const names = [
    '\0',
    '\u001b[2J',
    'a\nb',
    '😀'.repeat(100),
    `'; DROP TABLE x; --`,
    '"',
    '\\',
    '__proto__',
    '',
    ' ',
    '\uffff',
    '$(x)',
  ];
  const hostile = [
    event(1).replace('{', `{${names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(name)}, `).join('')}`),
    event(2, { deep: JSON.parse(deep) as object }),
    event(3, Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field ${n}`, n]))),
  ];

  test('break no load and no command, and cost little: some are named, the rest is counted', async () => {
    for (const [n, body] of hostile.entries()) {
      // In a batch of its own each is looked at.
      await stack.put(`log_data/${n}.json`, body.replace('"\\u0000": "\\u0000", ', ''));
      await deliverInTurn(stack, 1);
      // COPY may refuse what is a thousand objects deep; whatever becomes of a file, it is looked at.
      expect(['loaded', 'quarantined']).toContain(await stack.statusOf(`log_data/${n}.json`));
    }
    await stack.run(['reconcile', url('')]);
    const rows = await stack.rows(
      `SELECT kind, field, example FROM ${stack.schema}.load_fields WHERE kind IN ('new', 'more')`,
    );
    expect(rows.length).toBeLessThan(150);
    const told = await drift(stack);
    expect(told.filter(({ kind }) => kind === 'more').map(({ name }) => name)).toEqual(['events.*']);
    expect(told.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'events.deep',
        'events.""',
        `events.'; DROP TABLE x; --`,
        'events.__proto__',
        'events.field 0',
      ]),
    );
    for (const { name } of told) {
      expect(await stack.run(['drift', 'accept', name, '--reason', 'hostile'])).toMatchObject({ code: 0 });
    }
    expect(await drift(stack)).toEqual([]);
    const { out } = await stack.run(['status']);
    expect(out).not.toContain('\u001b');
  }, 120_000);
});

describe('a load whose looks', () => {
  const loaded = async (): Promise<unknown> => stack.rows(`SELECT session_id FROM ${stack.schema}.songplays`);
  const started = async (fault: PlannedFault['fault'], body: string): Promise<number> => {
    await stack.put('log_data/1.json', body);
    stack.switchboard.arm({ place: 's3', operation: 'GetObject', nth: 1, times: 9, fault });
    const at = performance.now();
    await deliverInTurn(stack, 10);
    return performance.now() - at;
  };

  test.each<[string, PlannedFault['fault']]>([
    ['fail', { do: 'error' }],
    ['are forbidden', { do: 'forbid' }],
    ['lose their replies', { do: 'drop reply' }],
  ])('%s loads as ever, and nothing is told', async (_, fault) => {
    await started(fault, event(1, { email: 'x' }));
    expect(await loaded()).toEqual([{ session_id: 1 }]);
    expect(await stack.count('load_fields')).toBe(0);
  });

  test('hang waits for a second and no longer', async () => {
    const milliseconds = await started({ do: 'delay', milliseconds: 8000 }, event(1, { email: 'x' }));
    expect(await loaded()).toEqual([{ session_id: 1 }]);
    expect(await stack.count('load_fields')).toBe(0);
    expect(milliseconds).toBeLessThan(8000);
  }, 60_000);

  test('go well makes two calls more, whatever its size', async () => {
    for (let n = 0; n < 50; n += 1) await stack.put(`log_data/${n}.json`, event(n));
    stack.switchboard.arm();
    await deliverInTurn(stack, 50);
    expect(stack.switchboard.calls.filter(({ operation }) => operation === 'GetObject')).toHaveLength(2);
    expect(await stack.rows(`SELECT found_in FROM ${stack.schema}.load_fields WHERE kind = 'read'`)).toEqual([
      { found_in: 2 },
    ]);
  });
});

describe('a source that refuses files with unknown fields', () => {
  const strictly = (): TestStack['connection'] => {
    const { connection } = stack;
    const { landing } = connection.config;
    const sources = landing.sources.map((source) => ({ ...source, unknownFields: 'quarantine' as const }));
    return { ...connection, config: { ...connection.config, landing: { ...landing, sources } } };
  };

  test('quarantines each of them with their names, and loads the others', async () => {
    for (let n = 0; n < 40; n += 1) await stack.put(`log_data/${n}.json`, event(n, n % 10 === 7 ? { email: 'x' } : {}));
    const { failed } = await invokeLoader(strictly(), 'abcdef01', stack.takeMessages());
    expect(failed).toEqual([]);
    const ledger = await stack.ledger();
    const refused = ledger.filter(({ status }) => status === 'quarantined');
    expect(refused.map(({ key }) => key)).toEqual([7, 17, 27, 37].map((n) => `log_data/${n}.json`).sort());
    expect(refused[0]).toMatchObject({
      code: 'UnknownField',
      reason: expect.stringContaining('email (string)') as string,
    });
    expect(ledger.filter(({ status }) => status === 'loaded')).toHaveLength(36);
    expect((await drift(stack)).find(({ name }) => name === 'events.email')).toMatchObject({ found: 4, looked: 40 });
  });

  test('loads what it cannot read, and says so', async () => {
    await stack.put('log_data/1.json', event(1, { email: 'x' }));
    stack.switchboard.arm({ place: 's3', operation: 'GetObject', nth: 1, times: 9, fault: { do: 'error' } });
    const { log } = await invokeLoader(strictly(), 'abcdef02', stack.takeMessages());
    expect(log.join('\n')).toContain('fields not looked at');
    expect(await stack.statusOf('log_data/1.json')).toBe('loaded');
  });
});
