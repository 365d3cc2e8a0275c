/** What a rebuild seldom meets: a lost reply, a file that gets well meanwhile, and a schema that is not its own. */
import { replayMessages } from '../../src/catch-up/replay-messages.ts';
import { LoaderError } from '../../src/errors.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { readGrants } from '../../src/rebuild/rights.ts';
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Connection } from '../../src/ports.ts';
import { BUCKET, resetAll, watched } from '../simulation/rebuilding.ts';
import { lastModified } from '../../src/local/s3/stored-object.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());
beforeEach(() => resetAll(stack));

const songs = async (): Promise<unknown[]> =>
  (await stack.rows('SELECT song_id FROM sparkify.songs ORDER BY 1')).map((row) => row.song_id);

async function load(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, body] of Object.entries(files)) await stack.put(key, body);
  await stack.deliver(stack.takeMessages());
}

test('a commit whose reply is lost has swapped, and is told so', async () => {
  await load({ 'song_data/a.json': song(1) });
  let landed = 0;
  const busy = watched(stack.connection, async (name) => {
    if (!/^sparkify rebuild swap-\d$/.test(name)) return;
    landed += 1;
    await load({ [`song_data/landed-${landed}.json`]: song(100 + landed) });
  });
  let lost = 0;
  const inSession: Connection['warehouse']['inSession'] = async (...args) => {
    const session = await busy.warehouse.inSession(...args);
    if (args[0] !== 'sparkify rebuild commit') return session;
    lost += 1;
    throw new LoaderError('connection', 'the reply was lost', '');
  };
  const connection = { ...busy, warehouse: { ...busy.warehouse, inSession } };
  expect(await stack.run(['rebuild', BUCKET, '--yes'], { connection })).toMatchObject({ code: 0 });
  expect(lost).toBe(1);
  expect(await songs()).toEqual(['SO1', 'SO101', 'SO102', 'SO103']);
});

test('what the live star loads or dismisses after the next one quarantined it is not left in quarantine by a swap', async () => {
  stack.forbid('song_data/late.json');
  await load({ 'song_data/a.json': song(1), 'song_data/late.json': song(2), 'song_data/closed.json': 'oops' });
  expect(await stack.statusOf('song_data/late.json')).toBe('quarantined');
  let mended = false;
  const { code } = await stack.run(['rebuild', BUCKET, '--yes'], {
    connection: watched(stack.connection, async (name) => {
      if (mended || !name.startsWith('sparkify rebuild rights')) return;
      mended = true;
      const bucket = LOCAL_NAMES.landingBucket;
      stack.aws.store.allow({ bucket, key: 'song_data/late.json' });
      const { objects } = stack.aws.store.page(bucket, { prefix: 'song_data/late.json', limit: 1 });
      const [listed] = objects.map((one) => ({ ...one, bucket, lastModifiedMs: lastModified(one).getTime() }));
      await stack.deliver([...replayMessages([listed!], 'release')].map(({ body }) => body));
      await stack.run(['quarantine', 'dismiss', `${BUCKET}song_data/closed.json`, '--why', 'known']);
      expect(await songs()).toEqual(['SO1', 'SO2']);
      expect(await stack.statusOf('song_data/closed.json')).toBe('dismissed');
    }),
  });
  expect({ code, mended }).toEqual({ code: 0, mended: true });
  expect(await songs()).toEqual(['SO1', 'SO2']);
  expect(await stack.statusOf('song_data/closed.json')).toBe('dismissed');
});

test('--drop-old drops no schema that no rebuild has replaced', async () => {
  await load({ 'song_data/a.json': song(1) });
  await stack.rows('CREATE SCHEMA sparkify_old');
  await stack.rows('CREATE TABLE sparkify_old.songs (song_id VARCHAR(32))');
  const err = expect.stringContaining('no rebuild of sparkify put it there') as string;
  expect(await stack.run(['rebuild', '--drop-old', '--yes'])).toMatchObject({ code: 2, err });
  expect(await stack.run(['rebuild', BUCKET, '--yes'])).toMatchObject({ code: 2, err });
  expect(await stack.rows('SELECT song_id FROM sparkify_old.songs')).toEqual([]);
});

test('the star of another stack under the name of the next one is left alone', async () => {
  await load({ 'song_data/a.json': song(1) });
  await stack.rows('ALTER SCHEMA sparkify RENAME TO sparkify_next');
  await stack.run(['create-tables']);
  const { code, err } = await stack.run(['rebuild', BUCKET, '--yes']);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('no rebuild made it') as string });
  expect(await stack.rows('SELECT song_id FROM sparkify_next.songs')).toEqual([{ song_id: 'SO1' }]);
});

test('every right on a table that can be given is carried over', () => {
  const of = (privilege_type: string) => ({
    ...{ relation_name: 'songs', privilege_type, identity_name: 'ann', identity_type: 'user', admin_option: false },
  });
  const { grants, strange } = readGrants([of('SELECT'), of('ALTER'), of('TRUNCATE'), of('RULE')]);
  expect(grants.map(({ privileges }) => privileges)).toEqual([['SELECT', 'ALTER', 'TRUNCATE']]);
  expect(strange).toEqual([of('RULE')]);
});
