import { BatchExecuteStatementCommand, GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import { objectsInMemory, TestWarehouse } from '../warehouse-client.ts';

/**
 * A load in two calls of one session, as the loader makes it: the first fills temporary tables and commits, the second locks,
 * counts, merges and may be rolled back and tried again. Above a megabyte the staged rows stay where COPY has checked them.
 */
const rows = 40_000;
const large = Array.from({ length: rows }, (_, n) => `{"k": ${n}, "level": "free", "note": "anything"}\n`).join('');
const objects = objectsInMemory({ 'drop/large.json': large, 'drop/small.json': '{"k": 7, "level": "paid"}\n' });

const create = 'create temp table staged (k bigint not null, level varchar(4))';
const copy = (name: string): string =>
  `copy staged from 's3://drop/${name}.json' iam_role default json 'auto ignorecase'`;
const lock = ['lock star.load_lock', 'update star.load_lock set batch_no = batch_no + 1'];
const merge = `merge into star.users using staged on star.users.k = staged.k and star.users.k between 0 and 1000000
  when matched then update set level = staged.level when not matched then insert values (staged.k, staged.level)`;
/** Fails where somebody has got between: a division by zero. */
const guard =
  'select 1 / case when count(*) = 0 then 1 else 0 end as clear from star.load_lock as n where n.batch_no > 1';

let warehouse: TestWarehouse;
beforeEach(async () => {
  warehouse = await TestWarehouse.start({ objects });
  const made = await warehouse.batch([
    'create schema star',
    'create table star.users (k bigint, level varchar(4))',
    'create table star.load_lock (batch_no bigint not null)',
    'insert into star.load_lock values (0)',
  ]);
  expect(made.Error).toBeUndefined();
});
afterEach(() => warehouse.stop());

/** The first call: gives the session and what its last statement shows. */
async function stage(object: string, SessionKeepAliveSeconds = 60): Promise<{ SessionId: string; shown: unknown }> {
  const {
    Id,
    SessionId,
    Error: error,
  } = await warehouse.batch([create, copy(object), 'select count(*) as staged, min(k) as first from staged'], {
    SessionKeepAliveSeconds,
  });
  if (SessionId === undefined) throw new Error(error);
  const { Records } = await warehouse.client.send(new GetStatementResultCommand({ Id: `${Id ?? ''}:3` }));
  return { SessionId, shown: Records?.[0]?.map((field) => field.longValue) };
}
const run = async (SessionId: string, ...sqls: string[]): Promise<string | undefined> =>
  (await warehouse.batch(sqls, { SessionId })).Error;
const users = () => warehouse.rows('select count(*), count(distinct k), max(level) from star.users');
const batchNumber = () => warehouse.rows('select batch_no from star.load_lock');

test.each([
  ['large', rows, 0, 'free'],
  ['small', 1, 7, 'paid'],
])('what a first call has copied is merged by a second one: %s', async (object, count, first, level) => {
  const { SessionId, shown } = await stage(object);
  expect(shown).toEqual([count, first]);
  expect(await run(SessionId, ...lock, merge)).toBeUndefined();
  expect(await users()).toEqual([[count, count, level]]);
  expect(await batchNumber()).toEqual([[1]]);
});

test('a second call that a guard stops leaves nothing behind, and may be tried again', async () => {
  const { SessionId } = await stage('large');
  await warehouse.run('update star.load_lock set batch_no = 5');
  const stopped = await warehouse.batch([...lock, guard, merge], { SessionId });
  expect(stopped).toMatchObject({ Status: 'FAILED', Error: 'Query #3 failed with ERROR: Divide by zero', SessionId });
  expect(await users()).toEqual([[0, 0, null]]);
  await warehouse.run('update star.load_lock set batch_no = 0');
  expect(await run(SessionId, ...lock, guard, merge)).toBeUndefined();
  expect(await users()).toEqual([[rows, rows, 'free']]);
});

const fails = 'select 1 / 0 from star.load_lock';
test.each([
  ['changed', ["update staged set level = 'gone'"]],
  ['deleted from', ['delete from staged where k > 5']],
  ['added to', ["insert into staged values (-1, 'paid')"]],
  ['copied into again', [copy('small')]],
  ['altered', ["alter table staged add column more varchar(8) default 'x'"]],
  ['dropped', ['drop table staged']],
  ['made anew', ['drop table staged', create, copy('small')]],
  ['made anew and large', ['drop table staged', create, copy('large'), "insert into staged values (-1, 'paid')"]],
])('a rollback gives a table back as the call before left it, though it was %s', async (_, changes) => {
  for (const object of ['large', 'small']) {
    const { SessionId, shown } = await stage(object);
    for (let time = 0; time < 2; time++) expect(await run(SessionId, ...changes, fails)).toContain('Divide by zero');
    const { Id } = await warehouse.run('select count(*), min(k) from staged', { SessionId });
    const { Records } = await warehouse.client.send(new GetStatementResultCommand({ Id }));
    expect(Records?.[0]?.map((field) => field.longValue)).toEqual(shown);
    expect(await run(SessionId, ...changes)).toBeUndefined();
  }
});

test('a change that a call commits is there in the next one, also after a rollback', async () => {
  const { SessionId } = await stage('large');
  expect(await run(SessionId, 'delete from staged where k > 9')).toBeUndefined();
  expect(await run(SessionId, 'delete from staged', fails)).toContain('Divide by zero');
  expect(await run(SessionId, merge)).toBeUndefined();
  expect(await users()).toEqual([[10, 10, 'free']]);
});

test('a temporary table of a call that was rolled back is gone, and can be made again', async () => {
  const { SessionId } = await stage('small');
  const more = 'create temp table more distkey (k) as select k from staged';
  expect(await run(SessionId, more, fails)).toContain('Divide by zero');
  expect(await run(SessionId, 'select k from more')).toContain('relation "more" does not exist');
  expect(await run(SessionId, more, 'insert into star.users select k, null from more')).toBeUndefined();
  expect(await users()).toEqual([[1, 1, null]]);
});

test('loads that wait for LOCK hold up no reader, and see what was committed while they waited', async () => {
  const holder = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  await warehouse.run(lock[0] ?? '', { SessionId: holder.SessionId });
  const loads = await Promise.all(Array.from({ length: 5 }, () => stage('small')));
  const waiting = loads.map(({ SessionId }) => warehouse.batch([...lock, merge], { SessionId }));
  expect(await users()).toEqual([[0, 0, null]]);
  await warehouse.run('update star.load_lock set batch_no = 10', { SessionId: holder.SessionId });
  await warehouse.run('commit', { SessionId: holder.SessionId });
  expect((await Promise.all(waiting)).map(({ Status }) => Status)).toEqual(Array(5).fill('FINISHED'));
  expect(await batchNumber()).toEqual([[15]]);
  expect(await users()).toEqual([[1, 1, 'paid']]);
});

test('a load whose snapshot is older than the lock fails at its counter', async () => {
  const { SessionId } = await stage('small');
  await warehouse.run('begin', { SessionId });
  await warehouse.run('select count(*) from star.users', { SessionId });
  await warehouse.run('update star.load_lock set batch_no = batch_no + 1');
  expect((await warehouse.run(lock[0] ?? '', { SessionId })).Status).toBe('FINISHED');
  const late = await warehouse.run(lock[1] ?? '', { SessionId });
  expect(late.Error).toContain('ERROR: 1023 DETAIL: Serializable isolation violation on table');
});

describe('the same token', () => {
  const call = (SessionId: string) =>
    new BatchExecuteStatementCommand({ SessionId, Sqls: [...lock, merge], ClientToken: 'merge', WaitTimeSeconds: 30 });

  test.each(['is there', 'is busy', 'has ended'])(
    'gives the first call without running it again when its session %s',
    async (state) => {
      const { SessionId } = await stage('small');
      const first = await warehouse.client.send(call(SessionId));
      const holder = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
      await warehouse.run('lock star.users', { SessionId: holder.SessionId });
      if (state === 'has ended') await warehouse.run('select 1', { SessionId, SessionKeepAliveSeconds: 0 });
      if (state === 'is busy')
        await warehouse.client.send(
          new BatchExecuteStatementCommand({ SessionId, Sqls: ['select k from star.users'] }),
        );
      const again = await warehouse.client.send(call(SessionId));
      expect(again).toMatchObject({ Id: first.Id, SessionId, Status: 'FINISHED' });
      await warehouse.run('rollback', { SessionId: holder.SessionId });
      expect(await batchNumber()).toEqual([[1]]);
    },
  );
});
