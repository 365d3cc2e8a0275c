import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  type ExecuteStatementCommandInput,
} from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

const unknownId = '00000000-0000-0000-0000-000000000000';
let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
});
afterAll(() => warehouse.stop());

const execute = (more: Partial<ExecuteStatementCommandInput>) =>
  warehouse.client.send(new ExecuteStatementCommand({ ...warehouse.address, Sql: 'select 1', ...more }));
/** `name: message` of the error the call ends with. */
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: unknown) => String(error),
  );

describe('a call is refused', () => {
  const session = '11111111-1111-1111-1111-111111111111';
  const refused: [string, Partial<ExecuteStatementCommandInput>, string][] = [
    ['without SQL', { Sql: undefined }, "Value null at 'sql'"],
    ['with blank SQL', { Sql: '  ' }, 'Query text must not be empty'],
    ['with more than 100 KB of SQL', { Sql: `select '${'x'.repeat(102_400)}'` }, 'larger than 100kB'],
    ['without a database', { Database: undefined }, "Value null at 'database'"],
    ['without workgroup or cluster', { WorkgroupName: undefined }, 'Either WorkgroupName or ClusterIdentifier'],
    ['with workgroup and cluster', { ClusterIdentifier: 'c' }, 'Only one of'],
    [
      'for a workgroup that does not exist',
      { WorkgroupName: 'other' },
      "Redshift endpoint doesn't exist in this region.",
    ],
    ['with a ClientToken of 65 characters', { ClientToken: 'x'.repeat(65) }, 'length less than or equal to 64'],
    ['with a StatementName of 2,049 characters', { StatementName: 'x'.repeat(2049) }, 'less than or equal to 2048'],
    ['that waits longer than 30 s', { WaitTimeSeconds: 31 }, 'less than or equal to 30'],
    ['that waits 0 s', { WaitTimeSeconds: 0 }, 'greater than or equal to 1'],
    ['that keeps a session for more than a day', { SessionKeepAliveSeconds: 86_401 }, 'less than or equal to 86400'],
    ['for a format that is none', { ResultFormat: 'XML' as 'CSV' }, 'enum value set: [JSON, CSV]'],
    ['with a session and a database', { SessionId: session }, 'must not be given together with SessionId'],
    [
      'with a session that never was',
      { SessionId: session, Database: undefined, WorkgroupName: undefined },
      `Session with Id: ${session} is invalid`,
    ],
    [
      'with an empty parameter',
      { Sql: 'select :a', Parameters: [{ name: 'a', value: '' }] },
      'length greater than or equal to 1',
    ],
    [
      'with a parameter nobody uses',
      { Parameters: [{ name: 'a', value: '1' }] },
      'unused parameters. Unused parameters: [a]',
    ],
    [
      'with a parameter nobody gave',
      { Sql: 'select :a, :b', Parameters: [{ name: 'a', value: '1' }] },
      'missing a value for parameter: b',
    ],
    ['with an empty list of parameters', { Parameters: [] }, 'length greater than or equal to 1'],
    [
      'with a parameter that is no name',
      { Parameters: [{ name: 'a-b', value: '1' }] },
      'regular expression pattern: [0-9a-zA-Z_]+',
    ],
  ];
  test.each(refused)('%s', async (_why, input, message) => {
    const text = await refusal(execute(input));
    expect(text).toMatch(/^ValidationException: /);
    expect(text).toContain(message);
  });

  test('with 41 statements, with none, and with an unknown mode', async () => {
    const batch = (more: object) =>
      refusal(
        warehouse.client.send(new BatchExecuteStatementCommand({ ...warehouse.address, Sqls: ['select 1'], ...more })),
      );
    expect(await batch({ Sqls: Array<string>(41).fill('select 1') })).toContain('less than or equal to 40');
    expect(await batch({ Sqls: [] })).toContain('greater than or equal to 1');
    expect(await batch({ ExecutionMode: 'BOTH' })).toContain('[TRANSACTION, AUTO_COMMIT]');
  });

  test.each([
    ['not an id', 'NOT-AN-ID', 'ValidationException', 'id must satisfy regex pattern: [a-z0-9]{8}'],
    ['an id nobody knows', unknownId, 'ResourceNotFoundException', 'Query does not exist.'],
    ['a part of an id nobody knows', `${unknownId}:1`, 'ResourceNotFoundException', 'Query does not exist.'],
  ])('for %s', async (_what, Id, name, message) => {
    for (const Command of [DescribeStatementCommand, GetStatementResultCommand, CancelStatementCommand]) {
      const text = await refusal(warehouse.client.send(new Command({ Id }) as DescribeStatementCommand));
      expect(text).toContain(`${name}: ${message}`);
    }
  });
});
