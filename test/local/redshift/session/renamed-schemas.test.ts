import { setTimeout as pause } from 'node:timers/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWarehouse } from '../warehouse-client.ts';

/** A star and its successor, of one row each. */
async function starAndNext(file = ':memory:'): Promise<TestWarehouse> {
  const warehouse = await TestWarehouse.start({ file });
  for (const schema of ['star', 'star_next']) {
    await warehouse.run(`create schema ${schema}`);
    await warehouse.run(`create table ${schema}.songs (title varchar(20))`);
    await warehouse.run(`insert into ${schema}.songs values ('of ${schema}')`);
    await warehouse.run(`create view ${schema}.titles as select title from ${schema}.songs`);
  }
  return warehouse;
}

const SWAP = ['alter schema star rename to star_old', 'alter schema star_next rename to star'];

test('two schemas that are renamed in one transaction change places, with their tables, views and rights', async () => {
  const warehouse = await starAndNext();
  await warehouse.run('create user ann password disable');
  await warehouse.run('grant usage on schema star_next to ann');
  await warehouse.run('grant select on star_next.songs to ann');
  await warehouse.run('create view public.kept as select title from star.songs');
  expect(await warehouse.batch(SWAP)).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.rows('select title from star.songs')).toEqual([['of star_next']]);
  expect(await warehouse.rows('select title from star_old.titles')).toEqual([['of star']]);
  // A view knows its tables and not their names, as on Redshift.
  expect(await warehouse.rows('select title from public.kept')).toEqual([['of star']]);
  expect(
    await warehouse.rows(
      'select namespace_name, relation_name, privilege_type, identity_name, identity_type from svv_relation_privileges',
    ),
  ).toEqual([['star', 'songs', 'SELECT', 'ann', 'user']]);
  expect(
    await warehouse.rows(
      "select namespace_name, privilege_type from svv_schema_privileges where identity_name = 'ann'",
    ),
  ).toEqual([['star', 'USAGE']]);
  expect((await warehouse.run('select * from star_next.songs')).Error).toContain('does not exist');
  await warehouse.stop();
});

test('what was renamed is found again when the warehouse is started again, and names can be used anew', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'renamed-')), 'warehouse.db');
  const first = await starAndNext(file);
  await first.batch(SWAP);
  await first.stop();
  const warehouse = await TestWarehouse.start({ file });
  expect(await warehouse.rows('select title from star.songs')).toEqual([['of star_next']]);
  await warehouse.run('create schema star_next');
  await warehouse.run('create table star_next.songs (title varchar(20))');
  await warehouse.run('create table star.more (a integer)');
  await warehouse.run('drop schema star_old cascade');
  expect(await warehouse.batch(SWAP)).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.rows('select title from star.songs')).toEqual([]);
  expect(await warehouse.rows('select table_schema, table_name from svv_columns order by 1, 2')).toEqual([
    ['star', 'songs'],
    ['star_old', 'more'],
    ['star_old', 'songs'],
    ['star_old', 'titles'],
  ]);
  await warehouse.stop();
});

test('columns are found by the new name of their schema', async () => {
  const warehouse = await starAndNext();
  await warehouse.batch(SWAP);
  expect(
    await warehouse.run("update star.songs set title = 'new' where star.songs.title = 'of star_next'"),
  ).toMatchObject({
    ResultRows: 1,
  });
  expect(await warehouse.rows('select star.songs.title from star.songs')).toEqual([['new']]);
  await warehouse.stop();
});

test('a swap that is rolled back changes nothing', async () => {
  const warehouse = await starAndNext();
  expect(await warehouse.batch([...SWAP, 'select 1 / 0 from star.songs'])).toMatchObject({ Status: 'FAILED' });
  expect(await warehouse.rows('select title from star.songs')).toEqual([['of star']]);
  expect(await warehouse.rows('select title from star_next.songs')).toEqual([['of star_next']]);
  await warehouse.stop();
});

test('who waits for a lock waits for that table, whatever name it has by then', async () => {
  const warehouse = await starAndNext();
  const { SessionId = '' } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  await warehouse.run('lock star.songs', { SessionId });
  const waiting = warehouse.batch(['lock star.songs', "insert into star.songs values ('late')"]);
  await pause(200);
  for (const sql of SWAP) await warehouse.run(sql, { SessionId });
  await warehouse.run('commit', { SessionId });
  expect(await waiting).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.rows('select title from star.songs order by 1')).toEqual([['late'], ['of star_next']]);
  await warehouse.stop();
});

test('a reader goes on while the schema is renamed, and whoever defines something there makes it wait', async () => {
  const warehouse = await starAndNext();
  const { SessionId: reader = '' } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  await warehouse.run('select * from star.songs', { SessionId: reader });
  expect(await warehouse.batch(SWAP)).toMatchObject({ Status: 'FINISHED' });
  const { SessionId = '' } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  await warehouse.run('create table star.made (a integer)', { SessionId });
  const renaming = warehouse.run('alter schema star rename to other');
  await pause(200);
  await warehouse.run('commit', { SessionId });
  expect(await renaming).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.rows('select * from other.made')).toEqual([]);
  await warehouse.stop();
});

test.each([
  ['alter schema nowhere rename to other', 'schema "nowhere" does not exist'],
  ['alter schema star rename to star_next', 'schema "star_next" already exists'],
  ['alter schema star rename to pg_star', 'unacceptable schema name'],
  ['alter schema star quota 1 gb', 'does not support'],
  ['alter schema public rename to other', 'does not support'],
])('%s is refused', async (sql, text) => {
  const warehouse = await starAndNext();
  expect((await warehouse.run(sql)).Error).toContain(text);
  await warehouse.stop();
});

test('a schema that a late-binding view reads is not renamed here, because the view would have to follow the name', async () => {
  const warehouse = await starAndNext();
  await warehouse.run('create view public.late as select title from star.songs with no schema binding');
  expect((await warehouse.run('alter schema star rename to other')).Error).toContain('late-binding view late');
  expect((await warehouse.batch(['alter schema star_next rename to other'])).Status).toBe('FINISHED');
  await warehouse.stop();
});

test('only the owner renames a schema, and a superuser gives it to another owner', async () => {
  const warehouse = await TestWarehouse.start({ identities: { local: 'awsuser', ann: 'ann' } });
  await warehouse.run('create user ann password disable');
  await warehouse.run('create schema star');
  await warehouse.run('create table star.songs (title varchar(20))');
  await warehouse.run('create view star.titles as select title from star.songs');
  const asAnn = (sql: string): Promise<string | undefined> =>
    warehouse.as('ann', async () => (await warehouse.run(sql)).Error);
  expect(await asAnn('alter schema star rename to other')).toContain('must be owner of schema star');
  for (const sql of ['schema star', 'table star.songs', 'table star.titles']) {
    expect(await warehouse.run(`alter ${sql} owner to ann`)).toMatchObject({ Status: 'FINISHED' });
  }
  expect(await warehouse.rows('select tablename, tableowner from pg_tables')).toEqual([['songs', 'ann']]);
  expect(await warehouse.rows('select viewname, viewowner, definition from pg_views')).toEqual([
    ['titles', 'ann', 'select title from star.songs'],
  ]);
  expect(await asAnn('alter schema star rename to other')).toContain('permission denied for database');
  expect(await asAnn('select * from svv_relation_privileges')).toContain('permission denied');
  await warehouse.run('grant create on database dev to ann');
  expect(await asAnn('alter schema star rename to other')).toBeUndefined();
  await warehouse.stop();
});
