/** Fields that change in a few of many files: noticed by loads and by a reconcile, told with their first file, and closed. */
import { deliverInTurn } from '../support/deliver-in-turn.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSample } from '../../src/local/sample/generate.ts';
import { event, song } from '../support/files.ts';
import { genuineData, unlessPresent } from '../support/genuine.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

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

test('a field added, renamed, dropped or retyped in one of a hundred of 2,000 files is told with its first file', async () => {
  const changes = ['add', 'rename', 'drop', 'retype'] as const;
  for (let n = 0; n < 1200; n += 1) await stack.put(`song_data/before-${n}.json`, song(n));
  await deliverInTurn(stack, 600);
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
  await deliverInTurn(stack, 500);
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
    // A reconcile looks at 1,000 files of a page, or at as many as half a minute allows where other tests are busy.
    expect(looked).toBeGreaterThanOrEqual(500);
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
  await deliverInTurn(stack, 10);
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
  await deliverInTurn(stack, 20);
  await stack.run(['reconcile', url('')]);
  expect(await stack.rows(`SELECT source, kind, field FROM ${stack.schema}.load_fields WHERE kind <> 'read'`)).toEqual(
    [],
  );
  expect(await stack.run(['drift'])).toMatchObject({ code: 0, out: 'No field has changed that is not accepted.\n' });
}, 120_000);

test('a field of a file in quarantine is told, though none of its rows is loaded', async () => {
  await stack.put('log_data/bad.json', `${event(1, { email: 'x' })}\n{"ts": "abc"}`);
  await deliverInTurn(stack, 10);
  expect(await stack.statusOf('log_data/bad.json')).toBe('quarantined');
  expect((await drift(stack)).find(({ name }) => name === 'events.email')).toMatchObject({
    firstFile: url('log_data/bad.json'),
  });
});

unlessPresent('the genuine data')(() => {
  test('reports nothing, by batches of any size or by a reconcile', async () => {
    const keys = ['song_data', 'log_data'].flatMap((source) =>
      readdirSync(join(genuineData, source), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
        file.endsWith('.json') ? [`${source}/${file}`] : [],
      ),
    );
    for (const size of [3, 100]) {
      await stack.reset();
      for (const key of keys) await stack.put(key, readFileSync(join(genuineData, key)));
      await deliverInTurn(stack, size);
      await stack.run(['reconcile', url('')]);
      const { fields } = await stack.json(['drift']);
      expect(fields).toEqual([]);
      const reads = await stack.rows(`SELECT SUM(out_of) AS n FROM ${stack.schema}.load_fields WHERE kind = 'read'`);
      expect(Number(reads[0]?.n)).toBeGreaterThan(keys.length);
    }
  }, 240_000);
});
