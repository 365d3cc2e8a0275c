import { GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
  await warehouse.run('create table plays (k bigint, v varchar(20))');
});
afterAll(() => warehouse.stop());
const send = <T>(run: Promise<T>): Promise<unknown> => run.catch((error: unknown) => error);

describe('a statement', () => {
  test('is submitted, finishes, and gives its rows with the types of the Data API', async () => {
    const done = await warehouse.run(
      "select 1 as one, 2.5::decimal(10,2) as price, 0.5::double precision as half, true as yes, 'x'::varchar(5) as text, null::int as nothing, '2018-11-01 21:01:46.796'::timestamp as at",
    );
    expect(done).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 1 });
    expect(done.CreatedAt).toBeInstanceOf(Date);
    expect(done.Duration).toBeGreaterThan(0);
    const result = await warehouse.client.send(new GetStatementResultCommand({ Id: done.Id }));
    expect(result.Records).toEqual([
      [
        { longValue: 1 },
        { stringValue: '2.50' },
        { doubleValue: 0.5 },
        { booleanValue: true },
        { stringValue: 'x' },
        { isNull: true },
        { stringValue: '2018-11-01 21:01:46.796' },
      ],
    ]);
    expect(result.ColumnMetadata?.map(({ label, typeName }) => [label, typeName])).toEqual([
      ['one', 'int4'],
      ['price', 'numeric'],
      ['half', 'float8'],
      ['yes', 'bool'],
      ['text', 'varchar'],
      ['nothing', 'int4'],
      ['at', 'timestamp'],
    ]);
    expect(result.TotalNumRows).toBe(1);
  });

  test('that fails is not thrown: its status is FAILED and it has no result', async () => {
    const failed = await warehouse.run('select * from nowhere');
    expect(failed).toMatchObject({ Status: 'FAILED', HasResultSet: false });
    expect(failed.Error).toMatch(/^ERROR: .*nowhere/);
    const error = await send(warehouse.client.send(new GetStatementResultCommand({ Id: failed.Id })));
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('tells how many rows it changed', async () => {
    expect(await warehouse.run("insert into plays values (1, 'a'), (2, 'b')")).toMatchObject({ ResultRows: 2 });
    expect(await warehouse.run("delete from plays where v = 'a' or v = 'b'")).toMatchObject({ ResultRows: 2 });
  });
});
