import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import type { Fault, FaultPoint } from '../../../src/local/redshift/fault.ts';
import { TestWarehouse } from './warehouse-client.ts';

/** Strikes once, at the first point that matches; `points` are all points that came by. */
let planned: { at: Partial<FaultPoint>; fault: Fault } | undefined;
const points: FaultPoint[] = [];
function strike(point: FaultPoint): Fault | undefined {
  points.push(point);
  const matches = planned?.at.operation === point.operation && planned.at.statementIndex === point.statementIndex;
  if (!matches) return undefined;
  const fault = planned?.fault;
  planned = undefined;
  return fault;
}

let warehouse: TestWarehouse;
beforeEach(async () => {
  planned = undefined;
  warehouse = await TestWarehouse.start({ faults: strike });
  await warehouse.run('create table users (user_id bigint)');
  points.length = 0;
});
afterEach(() => warehouse.stop());

const operation = 'BatchExecuteStatement';
const load = (ClientToken = 'load') =>
  warehouse.client.send(
    new BatchExecuteStatementCommand({
      ...warehouse.address,
      Sqls: ['insert into users values (1)', 'select 1'],
      ClientToken,
      WaitTimeSeconds: 30,
    }),
  );
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'fine',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
const countUsers = async (): Promise<unknown> => (await warehouse.rows('select count(*) from users'))[0]?.[0];

test('the hook is asked at every call and before every statement', async () => {
  await load();
  expect(points.map((point) => [point.operation, point.statementIndex])).toEqual([
    [operation, undefined],
    [operation, 0],
    [operation, 1],
  ]);
  expect(points[0]?.request).toMatchObject({ Sqls: ['insert into users values (1)', 'select 1'] });
});

const exception = { exception: 'BatchExecuteStatementException', message: 'no connection', httpStatus: 500 };
const calls: [string, Fault, string, number][] = [
  ['an error before it takes effect', { kind: 'error before', ...exception }, 'BatchExecuteStatementException', 0],
  ['an error after it took effect', { kind: 'error after', ...exception }, 'BatchExecuteStatementException', 1],
  ['throttling', { kind: 'throttle' }, 'ThrottlingException', 0],
  ['a lost request', { kind: 'request lost' }, 'Error', 0],
  ['a lost reply', { kind: 'reply lost' }, 'Error', 1],
  ['a delay', { kind: 'delay', milliseconds: 20 }, 'fine', 1],
];
test.each(calls)('%s', async (_what, fault, name, rows) => {
  planned = { at: { operation }, fault };
  const call = load();
  expect(await outcome(call)).toMatch(name);
  expect(await countUsers()).toBe(rows);
});

test('after a lost reply the same ClientToken finds the statement that ran', async () => {
  planned = { at: { operation }, fault: { kind: 'reply lost' } };
  await outcome(load('same'));
  expect((await load('same')).Status).toBe('FINISHED');
  expect(await countUsers()).toBe(1);
});

test.each([0, 1])(
  'statement %i can be made to fail with a text of SQL, before and after it ran',
  async (statementIndex) => {
    for (const kind of ['statement fails', 'statement fails after'] as const) {
      planned = {
        at: { operation, statementIndex },
        fault: { kind, message: '1023 DETAIL: Serializable isolation violation on table in Redshift' },
      };
      const failed = await warehouse.describe((await load(kind)).Id);
      expect(failed.Status).toBe('FAILED');
      expect(failed.Error).toContain(
        `Query #${statementIndex + 1} failed with ERROR: 1023 DETAIL: Serializable isolation violation`,
      );
      expect(await countUsers()).toBe(0);
    }
  },
);

test('other operations are struck as well', async () => {
  planned = {
    at: { operation: 'DescribeStatement' },
    fault: { kind: 'error before', exception: 'InternalServerException', message: 'x', httpStatus: 500 },
  };
  const { Id } = await load();
  expect(await outcome(warehouse.client.send(new DescribeStatementCommand({ Id })))).toBe('InternalServerException');
  planned = { at: { operation: 'ListStatements' }, fault: { kind: 'throttle' } };
  expect(await outcome(warehouse.client.send(new ListStatementsCommand({})))).toBe('ThrottlingException');
});

test('a session that is lost between two calls takes its temporary tables along, and what it had open is undone', async () => {
  const opened = await warehouse.batch(['create temp table staged (k int)'], { SessionKeepAliveSeconds: 60 });
  const { SessionId } = opened;
  await warehouse.run('begin', { SessionId });
  await warehouse.run('insert into users values (1)', { SessionId });
  planned = { at: { operation }, fault: { kind: 'session lost' } };
  await expect(warehouse.batch(['select k from staged'], { SessionId })).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Session is not available',
  });
  await expect(warehouse.run('select 1', { SessionId })).rejects.toThrow('Session is not available');
  expect(await countUsers()).toBe(0);
});

test('a session is lost when it has run its statement to the end', async () => {
  const { SessionId } = await warehouse.run('select 1', { SessionKeepAliveSeconds: 60 });
  const holder = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  await warehouse.run('lock users', { SessionId: holder.SessionId });
  const Sqls = ['insert into users values (1)'];
  const { Id } = await warehouse.client.send(new BatchExecuteStatementCommand({ SessionId, Sqls }));
  planned = { at: { operation }, fault: { kind: 'session lost' } };
  const next = outcome(warehouse.client.send(new BatchExecuteStatementCommand({ SessionId, Sqls })));
  await warehouse.run('commit', { SessionId: holder.SessionId });
  expect(await next).toBe('ValidationException');
  expect((await warehouse.describe(Id)).Status).toBe('FINISHED');
  expect(await countUsers()).toBe(1);
});

test('the reply of a call in a session can be lost; its token finds the statement, and the session goes on', async () => {
  const { SessionId } = await warehouse.run('create temp table staged (k int)', { SessionKeepAliveSeconds: 60 });
  planned = { at: { operation }, fault: { kind: 'reply lost' } };
  const merge = new BatchExecuteStatementCommand({
    SessionId,
    Sqls: ['insert into users values (1)'],
    ClientToken: 'merge',
    WaitTimeSeconds: 30,
  });
  expect(await outcome(warehouse.client.send(merge))).toBe('Error');
  expect(await warehouse.client.send(merge)).toMatchObject({ Status: 'FINISHED', SessionId });
  expect(await countUsers()).toBe(1);
  expect((await warehouse.run('select k from staged', { SessionId })).Status).toBe('FINISHED');
});
