/** What the local users are granted is what they need: each right that is taken from them is missed, and none is missed unasked. */
import { S3StateStore } from '../../src/aws/reconcile-state.ts';
import { S3Client } from '@aws-sdk/client-s3';
import { reconcileOf } from '../../src/commands/connection.ts';
import { reconcileOnSchedule } from '../../src/catch-up/reconcile.ts';
import { schemaDeps } from '../../src/commands/create-tables.ts';
import { clientSettings, connectTo, environmentAs, LOCAL_USERS } from '../../src/local/connect.ts';
import { grantStatements, hardenedGrantStatements, type Rights } from '../../src/schema/migrations.ts';
import { grantTo } from '../../src/schema/upgrade.ts';
import { readLoadFiles, readSqlFiles } from '../../src/sql/files.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { landing } from '../support/wire-shapes.ts';

const FILES = { schema: readSqlFiles('schema'), admin: readSqlFiles('admin'), load: readLoadFiles() };

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

/** Runs a statement as the administrator, in a transaction of its own. */
async function administer(text: string): Promise<void> {
  expect((await stack.run(['query', text])).err).toBe('');
}

/** Each single right in some GRANT statements, as what takes it and what gives it back. */
function singleRights(statements: readonly { text: string }[]): [right: string, take: string, give: string][] {
  return statements.flatMap(({ text }) => {
    const [, privileges = '', on = '', user = '', rest = ''] =
      /^GRANT (.*?) ON (.*) TO ("[^"]+")(.*)$/.exec(text) ?? [];
    return privileges
      .split(', ')
      .map((privilege): [string, string, string] => [
        `${privilege} ON ${on}`,
        `REVOKE ${privilege} ON ${on} FROM ${user}${rest}`,
        `GRANT ${privilege} ON ${on} TO ${user}${rest}`,
      ]);
  });
}

const rightsOf = (rights: Rights & keyof typeof USERS): [string, string, string][] =>
  singleRights(grantStatements(FILES, 'sparkify', USERS[rights], rights));
const USERS = { load: LOCAL_USERS.loader, reconcile: LOCAL_USERS.reconcile, read: LOCAL_USERS.reader };

let laps = 0;

/** Loads a song and a play of it, with a row that is rejected; returns what the log says went wrong. */
async function load(): Promise<string> {
  laps += 1;
  await stack.put(`log_data/${laps}.json`, `${event(laps)}\n{"page": "NextSong"}`);
  await stack.put(`song_data/${laps}.json`, song(laps));
  const { failed, log } = await stack.deliver(stack.takeMessages());
  return failed.length === 0 ? '' : log.join('\n');
}

/** Compares the bucket with the ledger as the scheduled function does; returns what went wrong, and with `looks` also with those. */
async function reconcile(looks = false): Promise<string> {
  const environment = environmentAs('reconcile', stack.environment);
  const connection = connectTo(environment);
  const { clock, config } = connection;
  let warned = '';
  const warn = (message: string, fields?: Record<string, unknown>): void => {
    if (looks && message === 'fields not looked at') warned += String(fields?.error);
  };
  const log = { info: () => undefined, warn, error: () => undefined };
  const deps = {
    ...reconcileOf(
      connection,
      () => undefined,
      () => undefined,
    ),
    state: new S3StateStore(new S3Client(clientSettings(environment, 'AWS_ENDPOINT_URL_S3')), config.control),
    clock: { ...clock, now: () => Date.now() + 3_600_000, sleep: () => Promise.resolve() },
    log,
    meter: { count: () => undefined, seconds: () => undefined },
  };
  return reconcileOnSchedule(landing, deps, Date.now() + 7_200_000).then(
    () => warned,
    (error: unknown) => `${String(error)} ${JSON.stringify(error)}`,
  );
}

describe('the loader', () => {
  test('loads with what it is granted', async () => {
    expect(await load()).toBe('');
    expect(await stack.count('rejected_rows')).toBe(1);
  });

  test.each(rightsOf('load'))('does not load without %s, and says what grants it', async (_, take, give) => {
    await administer(take);
    const trouble = await load();
    await administer(give);
    expect(trouble).toMatch(/permission denied for (relation|schema)/);
    expect(trouble).toContain('npx sparkify create-tables --grant-to USER');
  });

  test('loads again once everything was given back', async () => {
    expect(await load()).toBe('');
  });
});

describe('the reconcile', () => {
  test('compares with what it is granted', async () => {
    expect(await reconcile(true)).toBe('');
  });

  test.each(rightsOf('reconcile'))('lacks something without %s, and says what grants it', async (right, take, give) => {
    await administer(take);
    const trouble = await reconcile(true);
    // It compares all the same where it only cannot record what it saw of fields.
    if (right.includes('_fields')) expect(await reconcile()).toBe('');
    await administer(give);
    expect(trouble).toMatch(/permission denied for (relation|schema)/);
    expect(trouble).toContain('--grant-to USER');
  });
});

describe('a reader', () => {
  test.each(rightsOf('read'))('does not read without %s', async (_, take, give) => {
    const reader = connectTo(environmentAs('reader', stack.environment));
    const read = async (): Promise<unknown[]> => {
      const relations = ['songplays', 'users', 'songs', 'artists', '"time"'];
      const ledger = ['load_batches', 'objects_now', 'objects_not_loaded', 'freshness'];
      const questions = [...relations, ...ledger].map((name) => `SELECT COUNT(*) FROM sparkify.${name}`);
      const ask = (sql: string) => reader.warehouse.query('test', sql, {}, Date.now() + 60_000);
      return await Promise.all(questions.map(ask));
    };
    expect(await read()).toHaveLength(9);
    await administer(take);
    await expect(read()).rejects.toThrow('permission denied');
    await administer(give);
  });

  test('sees no rejected rows and changes nothing', async () => {
    const connection = connectTo(environmentAs('reader', stack.environment));
    for (const sql of [
      'SELECT * FROM sparkify.rejected_rows',
      'DELETE FROM sparkify.songs',
      'DROP TABLE sparkify.songs',
    ]) {
      expect((await stack.run(['query', sql], { connection })).err).toMatch(/permission denied|must be owner/);
    }
  });
});

describe('an owner who is no superuser', () => {
  const connectionOf = () =>
    connectTo({ ...environmentAs('reader', stack.environment), SPARKIFY_SCHEMA: 'of_a_reader' });
  const createTables = (...options: string[]) =>
    stack.run(['create-tables', ...options], { connection: connectionOf() });

  test('makes the tables once they may make a schema, and grants to the users there are', async () => {
    expect((await createTables()).err).toContain('permission denied for database dev');
    await administer(`GRANT CREATE ON DATABASE dev TO "${LOCAL_USERS.reader}"`);
    expect(await createTables('--grant-to', LOCAL_USERS.loader)).toMatchObject({ code: 0, err: '' });
    const loader = connectTo({ ...environmentAs('loader', stack.environment), SPARKIFY_SCHEMA: 'of_a_reader' });
    const [row] = await loader.warehouse.query(
      'test',
      'SELECT COUNT(*) AS n FROM of_a_reader.songs',
      {},
      Date.now() + 60_000,
    );
    expect(row).toEqual({ n: 0 });
  });

  test('is told that a superuser makes users, and grants what a hardened warehouse has revoked', async () => {
    const unknown = await createTables('--grant-to', 'IAMR:unknown');
    expect(unknown.err).toContain('user "IAMR:unknown" does not exist');
    expect(unknown.err).toContain('Only a superuser creates users');
    const hardened = await createTables('--grant-to', LOCAL_USERS.loader, '--hardened');
    expect(hardened.err).toMatch(/permission denied for database dev[^]*as a superuser/);
  });

  test('owns what they made: no other user changes it, and the administrator may', async () => {
    const sql = 'ALTER TABLE of_a_reader.songs RENAME TO other';
    const loader = connectTo(environmentAs('loader', stack.environment));
    expect((await stack.run(['query', sql], { connection: loader })).err).toContain('must be owner of relation songs');
    expect((await createTables('--drop', '--yes')).code).toBe(0);
    await administer('DROP SCHEMA of_a_reader CASCADE');
    await administer(`REVOKE CREATE ON DATABASE dev FROM "${LOCAL_USERS.reader}"`);
  });
});

describe('a hardened warehouse', () => {
  const names = { database: 'dev', copyRole: 'arn:aws:iam::000000000000:role/sparkify-copy' };
  const users = [LOCAL_USERS.loader, LOCAL_USERS.reconcile];

  beforeAll(async () => {
    await administer('REVOKE TEMPORARY ON DATABASE dev FROM PUBLIC');
    await administer('REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL');
    for (const [index, user] of users.entries())
      await grantTo(user, index === 0 ? 'load' : 'reconcile', schemaDeps(stack.connection), names);
  });

  test('lets both work once they were granted what PUBLIC has lost', async () => {
    expect([await load(), await reconcile()]).toEqual(['', '']);
  });

  const hardened = users.flatMap((user) =>
    singleRights(hardenedGrantStatements(FILES, names, user)).map(
      ([right, ...rest]) => [right, user, ...rest] as const,
    ),
  );
  test.each(hardened)('%s is needed by %s, and says what grants it', async (_, user, take, give) => {
    await administer(take);
    const trouble = await (user === LOCAL_USERS.loader ? load() : reconcile());
    await administer(give);
    expect(trouble).toMatch(/permission denied to create temporary|ASSUMEROLE/);
    expect(trouble).toContain('npx sparkify create-tables --grant-to USER --hardened');
  });
});
