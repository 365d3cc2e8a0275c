import { ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { setTimeout as pause } from 'node:timers/promises';
import { TestWarehouse } from './warehouse-client.ts';

let warehouse: TestWarehouse;
beforeEach(async () => {
  warehouse = await TestWarehouse.start();
  await warehouse.run('create table users (user_id bigint)');
});
afterEach(() => warehouse.stop());

async function keepSession(sql: string, SessionKeepAliveSeconds = 60): Promise<string> {
  const { SessionId, Error: error } = await warehouse.run(sql, { SessionKeepAliveSeconds });
  if (SessionId === undefined) throw new Error(error ?? 'No session was kept');
  return SessionId;
}

test('a session keeps its temporary tables between calls, and nobody else sees them', async () => {
  const SessionId = await keepSession('create temp table staged (k int)');
  expect(await warehouse.run('insert into staged values (1)', { SessionId })).toMatchObject({
    Status: 'FINISHED',
    SessionId,
  });
  expect(await warehouse.run('insert into staged values (1)')).toMatchObject({ Status: 'FAILED' });
});

test('without a session nothing is kept', async () => {
  const { SessionId } = await warehouse.run('create temp table staged (k int)');
  expect(SessionId).toBeUndefined();
  expect(await warehouse.run('select k from staged')).toMatchObject({ Status: 'FAILED' });
});

test('a transaction stays open over calls and shows its changes to nobody before it commits', async () => {
  const SessionId = await keepSession('begin');
  await warehouse.run('insert into users values (1)', { SessionId });
  expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  await warehouse.run('commit', { SessionId });
  expect(await warehouse.rows('select count(*) from users')).toEqual([[1]]);
});

test('after an error in a transaction everything is refused until it ends, and its end is a rollback', async () => {
  const SessionId = await keepSession('begin');
  await warehouse.run('insert into users values (1)', { SessionId });
  await warehouse.run('select * from nowhere', { SessionId });
  expect(await warehouse.run('select 1', { SessionId })).toMatchObject({
    Status: 'FAILED',
    Error: 'ERROR: current transaction is aborted, commands ignored until end of transaction block',
  });
  expect(await warehouse.run('commit', { SessionId })).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.run('select 1', { SessionId })).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
});

test('TRUNCATE commits by itself, and is refused in an open transaction, which it would commit', async () => {
  await warehouse.run('insert into users values (1)');
  expect(await warehouse.run('truncate users')).toMatchObject({ Status: 'FINISHED' });
  expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  const SessionId = await keepSession('begin');
  expect(await warehouse.run('truncate users', { SessionId })).toMatchObject({ Status: 'FAILED' });
});

test('a session runs one statement at a time', async () => {
  const SessionId = await keepSession('begin');
  await warehouse.run('lock users', { SessionId: await keepSession('begin') });
  await warehouse.client.send(new ExecuteStatementCommand({ SessionId, Sql: 'select count(*) from users' }));
  await expect(warehouse.run('select 1', { SessionId })).rejects.toThrow('Session is busy');
});

test('a session ends when nobody used it for its time, and what it left open is undone', async () => {
  const SessionId = await keepSession('begin', 1);
  await warehouse.run('lock users', { SessionId });
  await warehouse.run('insert into users values (1)', { SessionId });
  expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  await expect(warehouse.run('select 1', { SessionId })).rejects.toThrow('Session is not available');
});

test('a session is ended at once by a last call that keeps it for 0 seconds', async () => {
  const SessionId = await keepSession('select 1');
  await warehouse.run('select 1', { SessionId, SessionKeepAliveSeconds: 0 });
  await pause(0);
  await expect(warehouse.run('select 1', { SessionId })).rejects.toThrow('Session is not available');
});
