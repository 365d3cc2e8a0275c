import {
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListStatementsCommand,
  paginateGetStatementResultV2,
} from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
});
afterAll(() => warehouse.stop());

const csv = { ResultFormat: 'CSV' } as const;
const resultOf = (Id: string | undefined) => warehouse.client.send(new GetStatementResultV2Command({ Id }));

test('a CSV result begins with the names of its columns, and its lines end with CR LF', async () => {
  const { Id, ResultFormat, HasResultSet } = await warehouse.run('select 1 as A, 2.50 as b, true as c', csv);
  expect({ ResultFormat, HasResultSet }).toEqual({ ResultFormat: 'CSV', HasResultSet: true });
  const result = await resultOf(Id);
  expect(result).toMatchObject({
    Records: [{ CSVRecords: 'a,b,c\r\n1,2.50,true\r\n' }],
    TotalNumRows: 1,
    ResultFormat: 'CSV',
  });
  expect(result.ColumnMetadata?.map(({ name, typeName }) => [name, typeName])).toEqual([
    ['a', 'int4'],
    ['b', 'numeric'],
    ['c', 'bool'],
  ]);
});

test('fields with commas, quotes and line breaks are quoted, and NULL looks like the empty text', async () => {
  const sql = `select 'a,b' as "x,y", 'say "hi"' as q, 'two\r\nlines' as l, null as n, '' as e`;
  const { Id } = await warehouse.run(sql, csv);
  expect((await resultOf(Id)).Records).toEqual([
    { CSVRecords: '"x,y",q,l,n,e\r\n"a,b","say ""hi""","two\r\nlines",,\r\n' },
  ]);
});

test('a result without rows is its names alone', async () => {
  const { Id } = await warehouse.run('select 1 as a where 1 = 0', csv);
  expect(await resultOf(Id)).toMatchObject({ Records: [{ CSVRecords: 'a\r\n' }], TotalNumRows: 0 });
});

test('a long result comes in chunks of at most 1 MB and calls of at most 15 MB, every row once and whole', async () => {
  await warehouse.run('create table digits (d int)');
  await warehouse.run('insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)');
  const sql = `select a.d + 10 * b.d + 100 * c.d as n, repeat('é', 10000) as t from digits a, digits b, digits c order by 1`;
  const { Id } = await warehouse.run(sql, csv);
  const calls: number[] = [];
  const chunks: string[] = [];
  for await (const { Records = [] } of paginateGetStatementResultV2({ client: warehouse.client }, { Id })) {
    const texts = Records.map(({ CSVRecords = '' }) => CSVRecords);
    calls.push(Buffer.byteLength(JSON.stringify(Records)));
    chunks.push(...texts);
  }
  expect(calls.length).toBe(2);
  expect(Math.max(...calls)).toBeLessThanOrEqual(15 * 1024 * 1024);
  expect(Math.max(...chunks.map((chunk) => Buffer.byteLength(chunk)))).toBeLessThanOrEqual(1024 * 1024);
  expect(chunks.every((chunk) => chunk.endsWith('\r\n'))).toBe(true);
  const rows = chunks.join('').split('\r\n').slice(1, -1);
  expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(Array.from({ length: 1000 }, (_, index) => index));
});

test('each operation reads the format the statement was submitted for, and names the other', async () => {
  const inCsv = await warehouse.run('select 1', csv);
  await expect(warehouse.client.send(new GetStatementResultCommand({ Id: inCsv.Id }))).rejects.toThrow(
    'The result of this statement is in CSV format. Use GetStatementResultV2 to read it.',
  );
  const inJson = await warehouse.run('select 1');
  await expect(resultOf(inJson.Id)).rejects.toThrow(
    'The result of this statement is in JSON format. Use GetStatementResult to read it.',
  );
});

test('a batch gives each of its results in the format, by the id of the part', async () => {
  const { Id } = await warehouse.batch(['create temp table t (k int)', 'select count(*) as n from t'], csv);
  expect((await resultOf(`${Id ?? ''}:2`)).Records).toEqual([{ CSVRecords: 'n\r\n0\r\n' }]);
  await expect(resultOf(`${Id ?? ''}:1`)).rejects.toThrow('Query does not have result');
});

test('a token of one result is refused for another', async () => {
  const { Id } = await warehouse.run('select 1', csv);
  const NextToken = Buffer.from('00000000-0000-0000-0000-000000000000/0').toString('base64url');
  await expect(warehouse.client.send(new GetStatementResultV2Command({ Id, NextToken }))).rejects.toThrow(
    'The NextToken is not valid',
  );
});

test('the list of statements tells the format', async () => {
  const { Id } = await warehouse.run('select 1', { ...csv, StatementName: 'in-csv' });
  const { Statements } = await warehouse.client.send(new ListStatementsCommand({ StatementName: 'in-csv' }));
  expect(Statements).toMatchObject([{ Id, ResultFormat: 'CSV' }]);
});
