import { LOCAL_NAMES, LOCAL_USERS } from '../../src/local/connect.ts';
import type { Ran } from '../support/commands.ts';
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { assertSameStar, linesOfOracle, readStar } from '../simulation/star.ts';
import { oracle } from '../support/oracle.ts';

const LANDING = `s3://${LOCAL_NAMES.landingBucket}`;
/** The default, and one that nothing could have by chance. */
const SCHEMAS = ['sparkify', '_music_2'];

const play = (second: number, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    ...{ ts: 1541000000000 + second * 1000, sessionId: 1, itemInSession: second, page: 'NextSong', userId: '7' },
    ...{ level: 'paid', song: 'Title 1', artist: 'Artist 1', length: 200.5, ...more },
  });

// Nothing of the product may know the name of its schema but by its setting: every command and every statement of a load runs
// under both names, and the warehouse has no other schema to fall back on.
describe.each(SCHEMAS)('in a schema named %s', (schema) => {
  let stack: TestStack;
  const printed: string[] = [];
  const objects = new Map<string, string>();

  beforeAll(async () => {
    stack = await startTestStack({ environment: { SPARKIFY_SCHEMA: schema } });
  });
  afterAll(() => stack.stop());

  const run = async (...argv: string[]): Promise<Ran> => {
    const ran = await stack.run(argv);
    printed.push(ran.out, ran.err);
    return ran;
  };
  const land = async (key: string, body: string, options: { notify?: boolean } = {}): Promise<void> => {
    objects.set(key, body);
    await stack.put(key, body, options);
  };
  /** Throws unless the star is what the objects say. */
  const expectStar = async (): Promise<void> => {
    const contents = [...objects].map(([key, body]) => ({ key, body }));
    assertSameStar(await readStar(stack.connection.warehouse, schema), linesOfOracle(oracle(contents)));
  };

  test('files load, and what cannot load is set apart', async () => {
    await land('log_data/1.json', `${play(1)}\n${play(2, { song: 'Title 2', artist: 'Artist 2' })}\n`);
    await land('song_data/1.json', song(1));
    await stack.put('song_data/2.json', '{"song_id": ');
    await land('log_data/3.json', `${play(3)}\n${JSON.stringify({ page: 'NextSong' })}\n`);
    await stack.idle();
    await expectStar();
    const { out, code } = await run('status');
    expect(out).toContain(`schema ${schema}, version 3`);
    expect(out).toContain('! 1 object not loaded → npx sparkify quarantine list');
    expect(out).toContain('! 1 row rejected within a day → npx sparkify trace rejected_rows ');
    expect(code).toBe(1);
  });

  test('what was set apart is listed, explained and released', async () => {
    expect((await run('quarantine', 'list')).out).toContain('song_data/2.json');
    await land('song_data/2.json', song(2), { notify: false });
    expect((await run('quarantine', 'release', `${LANDING}/song_data/2.json`)).code).toBe(0);
    await stack.idle();
    expect((await run('why', `${LANDING}/song_data/2.json`)).out).toContain('loaded');
    await expectStar();
  });

  test('what never notified is found, and loaded', async () => {
    await land('song_data/4.json', song(4), { notify: false });
    expect(await run('reconcile', `${LANDING}/`)).toMatchObject({ code: 1 });
    await run('reconcile', `${LANDING}/`, '--repair');
    await stack.idle();
    expect(await run('reconcile', `${LANDING}/`)).toMatchObject({ code: 0 });
    await expectStar();
  });

  test('all of it is loaded again, which changes nothing, and again into tables made anew', async () => {
    expect((await run('backfill', `${LANDING}/`, '--all')).code).toBe(0);
    await stack.idle();
    await expectStar();
    const grants = ['--grant-to', LOCAL_USERS.loader, '--grant-to', 'ann', '--grant-read-to', 'bob'];
    expect((await run('create-tables', '--drop', '--yes', ...grants)).code).toBe(0);
    await run('backfill', `${LANDING}/`, '--all');
    await stack.idle();
    await expectStar();
    expect((await run('create-tables', '--dry-run')).out).toBe(`-- Schema ${schema} is at version 3; nothing to do.\n`);
  });

  test('a difference is named, and dropping leaves nothing of ours', async () => {
    await run('query', `ALTER TABLE ${schema}.songs DROP COLUMN year`);
    expect((await run('status')).out).toContain(`! ${schema}.songs has no column year (integer) → npx sparkify query`);
    const { out } = await run('create-tables', '--drop', '--dry-run');
    for (const statement of out.match(/^DROP .*$/gm) ?? []) await run('query', statement.replace(/;$/, ''));
    const left = `SELECT table_name FROM svv_columns WHERE table_schema = '${schema}'`;
    expect(await stack.json(['query', left])).toEqual([]);
  });

  test('no other schema was made, or spoken of', async () => {
    const schemas = (await stack.json([
      'query',
      'SELECT DISTINCT table_schema FROM svv_columns',
    ])) as unknown as object[];
    expect(schemas).toEqual([]);
    const named = printed.flatMap((text) => [
      ...text.matchAll(/(?<![\w/.@-])"?(\w+)"?\."?(?:songs|rejected_rows|load_\w+)\b/g),
    ]);
    expect(new Set(named.map(([, name]) => name))).toEqual(new Set([schema]));
  });
});
