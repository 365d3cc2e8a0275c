/** Fields that change in a few of many files: noticed by loads and by a reconcile, told with their first file, and closed. */
import { generateSample } from '../../src/local/sample/generate.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { PlannedFault } from '../support/switchboard.ts';

type Told = {
  name: string;
  kind: string;
  types: string[];
  example: string | null;
  firstFile: string | null;
  found: number;
  looked: number;
  loadedNow: boolean;
  next: { files: string[]; backfill: string | null; accept: string; estimate: { objects: number } | null };
};

const url = (key: string): string => `s3://sparkify-landing/${key}`;
const drift = async (stack: TestStack): Promise<Told[]> => (await stack.json(['drift'])).fields as Told[];
const namesOf = (told: readonly Told[]): string[] => told.map(({ name, kind }) => `${name} ${kind}`).sort();

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());
afterEach(() => stack.reset());

/** Delivers what was written, so many messages at once. */
async function deliver(messages: number): Promise<void> {
  const bodies = stack.takeMessages();
  for (let from = 0; from < bodies.length; from += messages) {
    const { failed } = await stack.deliver(bodies.slice(from, from + messages));
    expect(failed).toEqual([]);
  }
}

test('a field added, renamed, dropped or retyped in one of a hundred of 2,000 files is told with its first file', async () => {
  const changes = ['add', 'rename', 'drop', 'retype'] as const;
  for (let n = 0; n < 1200; n += 1) await stack.put(`song_data/before-${n}.json`, song(n));
  await deliver(600);
  const changed = new Map<string, string[]>(changes.map((change) => [change, []]));
  for (let n = 0; n < 2000; n += 1) {
    const key = `song_data/${String(n).padStart(4, '0')}.json`;
    const change = changes[(n % 100) - 40];
    if (change !== undefined) changed.get(change)?.push(key);
    const row = JSON.parse(song(n)) as Record<string, unknown>;
    if (change === 'add') row.genre = 'a genre with a name that is longer than forty characters';
    if (change === 'rename') row.seconds = row.duration;
    if (change === 'rename') delete row.duration;
    if (change === 'drop') delete row.title;
    if (change === 'retype') row.year = '2000';
    await stack.put(key, JSON.stringify(row));
  }
  await deliver(500);
  await stack.run(['reconcile', url('song_data/')]);

  const told = await drift(stack);
  // Columns that were never NULL before show that fields are gone without a look at any file.
  const ofFiles = told.filter(({ kind }) => kind !== 'empty');
  expect(namesOf(told)).toEqual([
    'songs.duration empty',
    'songs.duration missing',
    'songs.genre new',
    'songs.seconds new',
    'songs.title empty',
    'songs.title missing',
    'songs.year type',
  ]);
  const causes = { genre: 'add', seconds: 'rename', duration: 'rename', title: 'drop', year: 'retype' } as const;
  for (const { name, firstFile, found, looked } of ofFiles) {
    const files = changed.get(causes[name.slice('songs.'.length) as keyof typeof causes]) ?? [];
    expect(files.map(url)).toContain(firstFile);
    expect(found).toBeGreaterThan(0);
    expect(looked).toBeGreaterThanOrEqual(1000);
    expect(found / looked).toBeLessThan(0.03);
  }
  const genre = told.find(({ name }) => name === 'songs.genre')!;
  expect(genre).toMatchObject({ types: ['string'], loadedNow: false, next: { estimate: { objects: 3200 } } });
  expect(genre.example).toHaveLength(40);
  expect(genre.next.files).toContain('sql/load/songs/10-stage-create-songs.sql');
  expect(genre.next.backfill).toMatch(/^npx sparkify backfill s3:\/\/sparkify-landing\/song_data\/ --since .* --all$/);
  expect((await stack.run(genre.next.backfill!.split(' ').slice(2).concat('--dry-run'))).code).toBe(0);
}, 240_000);

test('one that is accepted is told no more, and who accepted it and why is kept', async () => {
  await stack.put('log_data/1.json', event(1, { email: 'ann@example.com' }));
  await deliver(10);
  const { out, code } = await stack.run(['drift']);
  expect(code).toBe(1);
  expect(out).toContain('events.email');
  expect(out).toContain('"ann@example.com"');
  const accepted = await stack.run(['drift', 'accept', 'events.email', '--reason', `nobody's; DROP TABLE x`]);
  expect(accepted).toMatchObject({ code: 0 });
  expect(
    await stack.rows(`SELECT source, kind, field, reason, accepted_by FROM ${stack.schema}.accepted_fields`),
  ).toEqual([
    { source: 'events', kind: 'new', field: 'email', reason: `nobody's; DROP TABLE x`, accepted_by: 'ann@laptop' },
  ]);
  expect(namesOf(await drift(stack))).not.toContain('events.email new');
  expect(await stack.run(['drift', 'accept', 'events.email', '--reason', 'again'])).toMatchObject({ code: 1 });
  expect(await stack.run(['drift', 'accept', 'events.email', '--reason', ' '])).toMatchObject({ code: 2 });
});

test('the sample reports nothing, by batches or by a reconcile', async () => {
  for (const { key, body } of generateSample({ seed: 7, songs: 300, events: 6000, eventFiles: 60 })) {
    await stack.put(key, body);
  }
  await deliver(20);
  await stack.run(['reconcile', url('')]);
  expect(await stack.rows(`SELECT source, kind, field FROM ${stack.schema}.load_fields WHERE kind <> 'read'`)).toEqual(
    [],
  );
  expect(await stack.run(['drift'])).toMatchObject({ code: 0, out: 'No field has changed that is not accepted.\n' });
}, 120_000);

test('a field of a file in quarantine is told, though none of its rows is loaded', async () => {
  await stack.put('log_data/bad.json', `${event(1, { email: 'x' })}\n{"ts": "abc"}`);
  await deliver(10);
  expect(await stack.statusOf('log_data/bad.json')).toBe('quarantined');
  expect((await drift(stack)).find(({ name }) => name === 'events.email')).toMatchObject({
    firstFile: url('log_data/bad.json'),
  });
});

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
      await deliver(1);
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
    await deliver(10);
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
    await deliver(50);
    expect(stack.switchboard.calls.filter(({ operation }) => operation === 'GetObject')).toHaveLength(2);
    expect(await stack.rows(`SELECT found_in FROM ${stack.schema}.load_fields WHERE kind = 'read'`)).toEqual([
      { found_in: 2 },
    ]);
  });
});
