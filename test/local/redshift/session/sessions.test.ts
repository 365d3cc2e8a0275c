import {
  ExecuteStatementCommand,
  ListSessionsCommand,
  paginateListSessions,
  type ListSessionsCommandInput,
} from '@aws-sdk/client-redshift-data';
import { setTimeout as pause } from 'node:timers/promises';
import { TestWarehouse } from '../warehouse-client.ts';

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

describe('the list of sessions', () => {
  const list = async (more: Partial<ListSessionsCommandInput> = {}) =>
    (await warehouse.client.send(new ListSessionsCommand(more))).Sessions ?? [];

  test('has those that can be used, newest first, and the closed when asked for them', async () => {
    const closed = await keepSession('select 1');
    const open = await keepSession('begin', 100);
    await warehouse.run('select 1', { SessionId: closed, SessionKeepAliveSeconds: 0 });
    await pause(0);
    const [first, ...others] = await list({ WorkgroupName: 'sparkify', Database: 'dev' });
    expect(others).toEqual([]);
    expect(first).toMatchObject({ SessionId: open, Status: 'AVAILABLE', Database: 'dev', SessionAliveSeconds: 100 });
    expect(first?.SessionTtl?.getTime()).toBe(Number(first?.UpdatedAt) + 100_000);
    expect(first?.CurrentStatementId).toBeUndefined();
    expect(await list({ Status: 'CLOSED' })).toMatchObject([{ SessionId: closed, Status: 'CLOSED' }]);
    expect(await list({ SessionId: closed })).toMatchObject([{ Status: 'CLOSED' }]);
    expect(await list({ Database: 'elsewhere' })).toEqual([]);
  });

  test('names the statement that a busy one runs', async () => {
    const holder = await keepSession('begin');
    await warehouse.run('lock users', { SessionId: holder });
    const SessionId = await keepSession('begin');
    const { Id } = await warehouse.client.send(new ExecuteStatementCommand({ SessionId, Sql: 'select * from users' }));
    expect(await list({ Status: 'BUSY' })).toMatchObject([{ SessionId, Status: 'BUSY', CurrentStatementId: Id }]);
    await warehouse.run('rollback', { SessionId: holder });
  });

  test('comes page by page', async () => {
    const ids = [await keepSession('select 1'), await keepSession('select 1'), await keepSession('select 1')];
    const found: (string | undefined)[] = [];
    for await (const { Sessions = [] } of paginateListSessions({ client: warehouse.client, pageSize: 2 }, {}))
      found.push(...Sessions.map(({ SessionId }) => SessionId));
    expect(found.sort()).toEqual(ids.sort());
  });

  test.each([
    [{ SessionId: 'x' }, 'Session with Id: x is invalid'],
    [{ SessionId: '00000000-0000-0000-0000-000000000000' }, 'Session does not exist.'],
    [{ SessionId: '00000000-0000-0000-0000-000000000000', Status: 'BUSY' as const }, 'together with SessionId'],
    [{ Status: 'OPEN' as 'BUSY' }, 'enum value set: [AVAILABLE, BUSY, CLOSED]'],
    [{ WorkgroupName: 'other' }, "Redshift endpoint doesn't exist in this region."],
    [{ WorkgroupName: 'sparkify', ClusterIdentifier: 'c' }, 'Only one of'],
    [{ MaxResults: 101 }, 'less than or equal to 100'],
  ])('is refused for %j', async (input, message) => {
    await expect(list(input)).rejects.toThrow(message);
  });
});
