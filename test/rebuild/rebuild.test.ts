/** `rebuild`, as a person runs it, against the whole local stack. */
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Connection } from '../../src/ports.ts';
import { BUCKET, resetAll, watched } from '../simulation/rebuilding.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());
beforeEach(() => resetAll(stack));

const rebuild = (...more: string[]) => stack.run(['rebuild', BUCKET, '--yes', ...more]);
const songs = async (): Promise<unknown[]> =>
  (await stack.rows('SELECT song_id FROM sparkify.songs ORDER BY 1')).map((row) => row.song_id);

async function load(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, body] of Object.entries(files)) await stack.put(key, body);
  await stack.deliver(stack.takeMessages());
}

/** A star with a song of a deleted file, one that an overwritten file no longer has, and a play. */
async function leaveBehind(): Promise<void> {
  await load({
    'song_data/gone.json': song(1),
    'song_data/less.json': `${song(2)}\n${song(3)}`,
    'log_data/a.json': event(1),
  });
  await stack.remove('song_data/gone.json');
  await load({ 'song_data/less.json': song(2) });
}

test('--check compares by key and names the likely cause, changes nothing, and a rebuild then goes on from there', async () => {
  await leaveBehind();
  const { out, code } = await stack.run(['rebuild', BUCKET, '--check']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /songs +only in the live star +2 +SO1, SO3 +objects: 1 deleted, such as \S+gone\.json; 1 overwritten, such as \S+less\.json/,
  );
  expect(out).not.toMatch(/songplays|users|time /);
  expect(await songs()).toEqual(['SO1', 'SO2', 'SO3']);
  expect(await rebuild()).toMatchObject({ code: 0 });
  expect(await songs()).toEqual(['SO2']);
  const batches = await stack.rows('SELECT SUM(objects_loaded) AS loaded FROM sparkify.load_batches');
  expect(Number(batches[0]?.loaded)).toBe(2);
  expect(await stack.run(['rebuild', '--drop-old', '--yes'])).toMatchObject({ code: 0 });
  expect((await stack.run(['rebuild', BUCKET, '--check'])).out).toContain('is the bucket as it is now');
});

test('--check finds a row that was changed by hand, and one that is missing', async () => {
  await load({ 'song_data/a.json': song(1), 'song_data/b.json': song(2, { year: null }) });
  await stack.rows("DELETE FROM sparkify.songs WHERE song_id = 'SO1'");
  await stack.rows("UPDATE sparkify.songs SET year = 1 WHERE song_id = 'SO2'");
  const { comparison } = (await stack.json(['rebuild', BUCKET, '--check'])) as unknown as {
    comparison: { differences: unknown };
  };
  expect(comparison.differences).toEqual([
    { table: 'songs', kind: 'different', rows: 1, examples: ['SO2'] },
    { table: 'songs', kind: 'there', rows: 1, examples: ['SO1'] },
  ]);
});

test('status and reconcile count what was overwritten or deleted, until a rebuild', async () => {
  await leaveBehind();
  const command = `their old rows may still be there → npx sparkify rebuild ${BUCKET}`;
  expect((await stack.run(['status'])).out).toContain(
    `1 object overwritten or deleted since the last rebuild; ${command}`,
  );
  expect((await stack.run(['reconcile', BUCKET])).out).toContain(
    `2 objects overwritten or deleted since the last rebuild; ${command}`,
  );
  expect(await stack.json(['status'])).toMatchObject({ replacedObjects: 1 });
  await rebuild();
  expect(await stack.json(['status'])).toMatchObject({ replacedObjects: 0 });
  expect(await stack.json(['reconcile', BUCKET])).toMatchObject({ replaced: 0, loaded: 2 });
});

test('a dry run makes nothing, and tells the work and what cannot be carried over', async () => {
  await leaveBehind();
  await stack.rows('CREATE VIEW public.titles AS SELECT title FROM sparkify.songs');
  await stack.rows('CREATE TABLE sparkify.mine (a INTEGER)');
  const { out, code } = await stack.run(['rebuild', BUCKET, '--dry-run']);
  expect(code).toBe(0);
  expect(out).toContain('To load: 2 objects');
  expect(out).toContain(
    'Not carried over: a view, which goes on reading the old star unless it is late-binding: public.titles',
  );
  expect(out).toContain('Not carried over: not ours, and goes with the old star: sparkify.mine');
  expect(
    await stack.rows("SELECT DISTINCT table_schema FROM svv_columns WHERE table_schema LIKE 'sparkify_%'"),
  ).toEqual([]);
  await stack.rows('DROP VIEW public.titles');
  await stack.rows('DROP TABLE sparkify.mine');
});

test('rights and owner are those of the star before', async () => {
  await load({ 'song_data/a.json': song(1) });
  await stack.rows('CREATE USER ann PASSWORD DISABLE');
  await stack.rows('GRANT USAGE ON SCHEMA sparkify TO ann');
  await stack.rows('GRANT SELECT ON sparkify.songs TO ann');
  await stack.rows('GRANT SELECT ON sparkify.users TO PUBLIC');
  const rights = () =>
    stack.rows(
      `SELECT relation_name, privilege_type, identity_name, identity_type FROM svv_relation_privileges
       WHERE namespace_name = 'sparkify' ORDER BY 1, 3, 2`,
    );
  const before = await rights();
  expect(before).toContainEqual({
    relation_name: 'users',
    privilege_type: 'SELECT',
    identity_name: 'public',
    identity_type: 'public',
  });
  expect(await rebuild()).toMatchObject({ code: 0 });
  expect(await rights()).toEqual(before);
});

test('a dismissed file stays dismissed, and a bad one is quarantined anew', async () => {
  await load({ 'song_data/bad.json': 'oops', 'song_data/closed.json': 'oops', 'song_data/a.json': song(1) });
  await stack.run(['quarantine', 'dismiss', `${BUCKET}song_data/closed.json`, '--why', 'known']);
  expect(await stack.statusOf('song_data/closed.json')).toBe('dismissed');
  const out = expect.stringContaining('It is without 1 object that could not be loaded') as string;
  expect(await rebuild()).toMatchObject({ code: 0, out });
  expect(await stack.statusOf('song_data/closed.json')).toBe('dismissed');
  expect(await stack.statusOf('song_data/bad.json')).toBe('quarantined');
});

test('nothing is swapped when files that the star has loaded cannot be loaded any more, unless that is wanted', async () => {
  await load({ 'song_data/a.json': song(1), 'song_data/b.json': song(2) });
  stack.forbid('song_data/b.json');
  const { out, code } = await rebuild();
  expect(code).toBe(1);
  expect(out).toMatch(/song_data\/b\.json/);
  expect(out).toContain('Nothing was swapped');
  expect(await songs()).toEqual(['SO1', 'SO2']);
  expect(await rebuild('--with-quarantined')).toMatchObject({ code: 0 });
  expect(await songs()).toEqual(['SO1']);
});

test.each([
  [['rebuild', 's3://elsewhere/'], 'Bucket elsewhere is not configured'],
  [['rebuild', `${BUCKET}song_data/`], 'A rebuild is of whole buckets'],
  [['rebuild'], `The star is made of ${LOCAL_NAMES.landingBucket} as well`],
  [['rebuild', BUCKET, '--drop-old'], '--drop-old takes no bucket'],
])('%j is refused', async (argv, text) => {
  expect(await stack.run(argv)).toMatchObject({ code: 2, err: expect.stringContaining(text) as string });
});

test('it asks before it begins, and before it drops', async () => {
  expect(await stack.run(['rebuild', BUCKET])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Nothing was made') as string,
  });
  const nothing = await stack.run(['rebuild', '--drop-old']);
  expect(nothing).toMatchObject({ code: 0, out: expect.stringContaining('There is no schema sparkify_old') as string });
  expect(await rebuild()).toMatchObject({ code: 0 });
  expect(await stack.run(['rebuild', '--drop-old'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Nothing was dropped') as string,
  });
});

test('a second rebuild is refused while the first is at work', async () => {
  await load({ 'song_data/a.json': song(1) });
  let second: { code: number; err: string } | undefined;
  const first = await stack.run(['rebuild', BUCKET, '--yes'], {
    connection: watched(stack.connection, async (name) => {
      if (name === 'sparkify changed-keys') second ??= await rebuild();
    }),
  });
  expect(first.code).toBe(0);
  expect(second).toMatchObject({ code: 2, err: expect.stringContaining('is at work') as string });
});

test('a schema of that name which no rebuild made is left alone', async () => {
  await stack.rows('CREATE SCHEMA sparkify_next');
  await stack.rows('CREATE TABLE sparkify_next.mine (a INTEGER)');
  expect(await rebuild()).toMatchObject({ code: 2, err: expect.stringContaining('no rebuild made it') as string });
  expect(await stack.rows('SELECT a FROM sparkify_next.mine')).toEqual([]);
});

test('a next star that was begun by other rules is made anew', async () => {
  await load({ 'song_data/a.json': song(1), 'song_data/b.json': song(2) });
  await stack.run(['rebuild', BUCKET, '--check']);
  await stack.rows('DELETE FROM sparkify_next.songs');
  await stack.rows("UPDATE sparkify_next.rebuilds SET rules = 'older'");
  const { code, err } = await rebuild();
  expect({ code, anew: err.includes('made anew') }).toEqual({ code: 0, anew: true });
  expect(await songs()).toEqual(['SO1', 'SO2']);
});

describe('where a batch is merged before each attempt to swap', () => {
  /** Loads a file before each attempt, and dies at the `nth` call from the time on that the lock is held. */
  function busy(nth = Infinity): { connection: Connection; seen: string[] } {
    const seen: string[] = [];
    let landed = 0;
    const connection = watched(stack.connection, async (name) => {
      if (/^sparkify rebuild swap-\d$/.test(name)) {
        landed += 1;
        await load({ [`song_data/landed-${landed}.json`]: song(100 + landed) });
      }
      if (seen.length > 0 || (name === 'sparkify rebuild begin' && landed > 0)) seen.push(name);
      if (seen.length >= nth) throw new Error('killed');
    });
    if (nth === Infinity) return { connection, seen };
    // The session of a dead process ends when it was idle for its time; here that is shorter than a minute.
    const inSession: Connection['warehouse']['inSession'] = (name, text, deadlineMs, session) =>
      connection.warehouse.inSession(
        name,
        text,
        deadlineMs,
        'sessionId' in session ? session : { keepAliveSeconds: 2 },
      );
    return { connection: { ...connection, warehouse: { ...connection.warehouse, inSession } }, seen };
  }

  test('the lock is held for the last files, and wherever it is killed then, nothing is lost', async () => {
    await load({ 'song_data/a.json': song(1) });
    const clean = busy();
    expect(await stack.run(['rebuild', BUCKET, '--yes'], { connection: clean.connection })).toMatchObject({ code: 0 });
    expect(clean.seen).toEqual(expect.arrayContaining(['sparkify rebuild swap-1-lock', 'sparkify rebuild commit']));
    const all = ['SO1', 'SO101', 'SO102', 'SO103'];
    expect(await songs()).toEqual(all);
    const last = clean.seen.length;
    for (const nth of [3, Math.ceil(last / 2), last]) {
      await resetAll(stack);
      await load({ 'song_data/a.json': song(1) });
      const killed = stack.run(['rebuild', BUCKET, '--yes'], { connection: busy(nth).connection });
      await expect(killed).rejects.toThrow('killed');
      expect(await songs()).toEqual(all);
      await stack.rows('UPDATE sparkify_next.rebuilds SET seen_at = DATEADD(seconds, -61, GETDATE())');
      expect(await rebuild()).toMatchObject({ code: 0 });
      expect(await songs()).toEqual(all);
    }
  }, 120_000);
});
