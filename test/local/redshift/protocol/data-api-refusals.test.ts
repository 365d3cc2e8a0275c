import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

const unknownId = '00000000-0000-0000-0000-000000000000';
let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
});
afterAll(() => warehouse.stop());

/** `name: message` of the error the call ends with. */
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: unknown) => String(error),
  );

describe('a call is refused', () => {
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
