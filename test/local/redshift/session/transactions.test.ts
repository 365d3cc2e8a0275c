import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  ExecuteStatementCommand,
} from '@aws-sdk/client-redshift-data';
import type { DescribeStatementCommandOutput } from '@aws-sdk/client-redshift-data';
import { setTimeout as pause } from 'node:timers/promises';
import { TestWarehouse } from '../warehouse-client.ts';

let warehouse: TestWarehouse;
beforeEach(async () => {
  warehouse = await TestWarehouse.start();
  await warehouse.run('create table users (user_id bigint, level varchar(10))');
  await warehouse.run('create table load_lock (held boolean)');
  await warehouse.run('create table gate (k int)');
});
afterEach(() => warehouse.stop());

const upsert = (level: string): string[] => [
  `create temp table staged (user_id bigint, level varchar(10))`,
  `insert into staged values (7, '${level}')`,
  `merge into users using staged on users.user_id = staged.user_id
   when matched then update set level = staged.level
   when not matched then insert values (staged.user_id, staged.level)`,
];

const gate = 'select count(*) from gate';

/** Runs batches that all stop at the gate, and opens it when all of them stand there. */
async function throughGate(batches: string[][]): Promise<DescribeStatementCommandOutput[]> {
  const closed = await openTransaction('lock gate');
  const done = Promise.all(batches.map((sqls) => warehouse.batch(sqls)));
  await untilWaiting();
  await warehouse.run('rollback', { SessionId: closed });
  return await done;
}

describe('a TRANSACTION batch', () => {
  test('keeps all of its changes', async () => {
    const done = await warehouse.batch([
      "insert into users values (1, 'free')",
      "insert into users values (2, 'paid')",
    ]);
    expect(done).toMatchObject({
      Status: 'FINISHED',
      ResultRows: -1,
      RedshiftQueryId: 0,
      ExecutionMode: 'TRANSACTION',
    });
    expect(done.QueryString).toBeUndefined();
    expect(done.SubStatements?.map(({ Id, Status, ResultRows }) => [Id, Status, ResultRows])).toEqual([
      [`${done.Id}:1`, 'FINISHED', 1],
      [`${done.Id}:2`, 'FINISHED', 1],
    ]);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[2]]);
  });

  test('keeps none when one fails, though the ones before it still say FINISHED', async () => {
    const failed = await warehouse.batch([
      "insert into users values (1, 'free')",
      'select user_id / 0 from nowhere',
      'select 1',
    ]);
    expect(failed.Status).toBe('FAILED');
    expect(failed.Error).toMatch(/^Query #2 failed with ERROR: .*nowhere/);
    expect(failed.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  });

  test.each(['begin', 'commit', 'rollback', 'truncate users'])('refuses %s', async (sql) => {
    const failed = await warehouse.batch(["insert into users values (1, 'free')", sql]);
    expect(failed.Status).toBe('FAILED');
    expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  });

  test('gives the rows of its queries under their own ids', async () => {
    const { SubStatements = [] } = await warehouse.batch(['select 1 as a', 'select 2 as a']);
    const described = await warehouse.describe(SubStatements[1]?.Id);
    expect(described).toMatchObject({
      Status: 'FINISHED',
      HasResultSet: true,
      ResultRows: 1,
      QueryString: 'select 2 as a',
    });
  });
});

describe('an AUTO_COMMIT batch', () => {
  test('goes on after a failure and keeps what succeeded', async () => {
    const sqls = [
      "insert into users values (1, 'free')",
      'select * from nowhere',
      "insert into users values (2, 'free')",
    ];
    const done = await warehouse.batch(sqls, { ExecutionMode: 'AUTO_COMMIT' });
    expect(done).toMatchObject({ Status: 'FAILED', ExecutionMode: 'AUTO_COMMIT' });
    expect(done.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[2]]);
  });

  test('keeps its temporary tables from one statement to the next', async () => {
    const sqls = ['create temp table t (k int)', 'insert into t values (1)', 'select k from t'];
    expect(await warehouse.batch(sqls, { ExecutionMode: 'AUTO_COMMIT' })).toMatchObject({ Status: 'FINISHED' });
    expect(await warehouse.run('select k from t')).toMatchObject({ Status: 'FAILED' });
  });
});

describe('three loads of one new key at once', () => {
  test('that look before they lock: one wins, the others fail with 1023', async () => {
    const done = await throughGate(
      ['a', 'b', 'c'].map((level) => ['select count(*) from users', gate, ...upsert(level)]),
    );
    expect(done.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'FAILED', 'FINISHED']);
    for (const { Error: error } of done.filter(({ Status }) => Status === 'FAILED')) {
      expect(error).toMatch(/ERROR: 1023 DETAIL: Serializable isolation violation on table - public\.users/);
    }
    expect(await warehouse.rows('select count(*) from users')).toEqual([[1]]);
  });

  test('that lock first: all succeed, one after the other, and the key is there once', async () => {
    const done = await Promise.all(
      ['a', 'b', 'c'].map((level) => warehouse.batch(['lock load_lock', ...upsert(level)])),
    );
    expect(done.map(({ Status, Error: error }) => error ?? Status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[1]]);
  });

  test('that compute something without a table before they lock: all succeed, for that is no look at the data', async () => {
    const early = ["select md5('7'), getdate()", 'lock load_lock'];
    const done = await Promise.all(['a', 'b', 'c'].map((level) => warehouse.batch([...early, ...upsert(level)])));
    expect(done.map(({ Status, Error: error }) => error ?? Status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[1]]);
  });

  test('that make their temporary tables before they lock: one wins, for making a table is a look at the data', async () => {
    const [create = '', ...rest] = upsert('a');
    const done = await throughGate([1, 2, 3].map(() => [create, gate, 'lock load_lock', ...rest]));
    expect(done.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'FAILED', 'FINISHED']);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[1]]);
  });

  test('that only insert where nothing is: all succeed, and the key is there three times', async () => {
    const insert = "insert into users select 7, 'free' where not exists (select 1 from users where user_id = 7)";
    const done = await throughGate([1, 2, 3].map(() => ['select count(*) from users', gate, insert]));
    expect(done.map(({ Status, Error: error }) => error ?? Status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    expect(await warehouse.rows('select count(*) from users')).toEqual([[3]]);
  });
});

describe('under SERIALIZABLE', () => {
  beforeEach(async () => {
    await warehouse.stop();
    warehouse = await TestWarehouse.start({ isolation: 'SERIALIZABLE' });
    await warehouse.run('create table users (user_id bigint, level varchar(10))');
    await warehouse.run('create table songs (song_id bigint)');
  });

  test('two transactions that each read what the other writes cannot both commit', async () => {
    const one = await openTransaction('select count(*) from users');
    const two = await openTransaction('select count(*) from songs');
    expect(await warehouse.run('insert into songs values (1)', { SessionId: one })).toMatchObject({
      Status: 'FINISHED',
    });
    expect(await warehouse.run("insert into users values (1, 'free')", { SessionId: two })).toMatchObject({
      Status: 'FINISHED',
    });
    expect(await warehouse.run('commit', { SessionId: one })).toMatchObject({ Status: 'FINISHED' });
    const refused = await warehouse.run('commit', { SessionId: two });
    expect(refused).toMatchObject({ Status: 'FAILED' });
    expect(refused.Error).toContain('ERROR: 1023 DETAIL: Serializable isolation violation on table - public.songs');
    expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  });
});

describe('a table lock', () => {
  test('stops readers of that table, and only of that table, until the transaction ends', async () => {
    const holder = await openTransaction('lock users');
    const reader = warehouse.run('select count(*) from users');
    expect(await warehouse.rows('select count(*) from load_lock')).toEqual([[0]]);
    expect(await resolvesWithin(reader, 50)).toBe(false);
    await warehouse.run('rollback', { SessionId: holder });
    expect(await reader).toMatchObject({ Status: 'FINISHED' });
  });

  test('taken in opposite orders by two transactions is a deadlock: one is told so, the other goes on', async () => {
    const one = await openTransaction('lock users');
    const two = await openTransaction('lock load_lock');
    const waits = warehouse.run('lock load_lock', { SessionId: one });
    await untilWaiting();
    const refused = await warehouse.run('lock users', { SessionId: two });
    expect(refused).toMatchObject({ Status: 'FAILED', Error: 'ERROR: deadlock detected' });
    await warehouse.run('rollback', { SessionId: two });
    expect(await waits).toMatchObject({ Status: 'FINISHED' });
  });

  test('can be given up waiting for', async () => {
    const holder = await openTransaction('lock users');
    const { Id } = await warehouse.client.send(
      new ExecuteStatementCommand({ ...warehouse.address, Sql: "update users set level = 'paid'" }),
    );
    await untilWaiting();
    expect(await warehouse.client.send(new CancelStatementCommand({ Id }))).toMatchObject({ Status: true });
    expect(await warehouse.describe(Id)).toMatchObject({
      Status: 'ABORTED',
      Error: "ERROR: Query cancelled on user's request",
    });
    await warehouse.run('rollback', { SessionId: holder });
  });

  test('does not outlive a transaction that failed', async () => {
    expect(await warehouse.batch(['lock users', 'select * from nowhere'])).toMatchObject({ Status: 'FAILED' });
    expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  });
});

test('a statement that runs can be cancelled, and what its transaction did is undone', async () => {
  await warehouse.run("insert into users values (0, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (4, 'e'), (5, 'f')");
  await warehouse.run('insert into users select a.user_id, a.level from users a, users b, users c, users d');
  const slow = 'select count(*) from users a, users b, users c, users d where a.level < b.level or c.level < d.level';
  const input = { ...warehouse.address, Sqls: ["insert into users values (1, 'free')", slow, 'select 1'] };
  const { Id } = await warehouse.client.send(new BatchExecuteStatementCommand(input));
  await pause(100);
  await warehouse.client.send(new CancelStatementCommand({ Id }));
  const cancelled = await warehouse.describe(Id);
  expect(cancelled.Status).toBe('ABORTED');
  expect(cancelled.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'ABORTED', 'ABORTED']);
  expect(await warehouse.rows('select count(*) from users')).toEqual([[1302]]);
});

/** Opens a transaction in a kept session, runs one statement in it, and gives the session's id. */
async function openTransaction(sql: string): Promise<string> {
  const { SessionId } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  if (SessionId === undefined) throw new Error('No session was kept');
  const { Error: error } = await warehouse.run(sql, { SessionId });
  if (error !== undefined) throw new Error(error);
  return SessionId;
}

/** Long enough for a submitted statement to stand at a lock. */
const untilWaiting = (): Promise<void> => pause(200);

async function resolvesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return await Promise.race([promise.then(() => true), pause(milliseconds, false)]);
}
