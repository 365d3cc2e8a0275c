import { BatchExecuteStatementCommand, CancelStatementCommand } from '@aws-sdk/client-redshift-data';
import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectReader } from '../../../../src/local/redshift/types.ts';
import { objectsInMemory, TestWarehouse } from '../warehouse-client.ts';

const manifest = (...keys: string[]): string =>
  JSON.stringify({ entries: keys.map((key) => ({ url: `s3://drop/${key}`, mandatory: true })) });
const objects = objectsInMemory({
  'drop/good.json': '{"userId": 1, "level": "free"}\n{"userId": 2, "level": "paid"}\n',
  'drop/bad.json': '{"userId": 3, "level": "free"}\n{"userId": "three", "level": "free"}\n',
  'drop/good.manifest': manifest('good.json'),
  'drop/both.manifest': manifest('good.json', 'bad.json'),
  'drop/gone.manifest': manifest('good.json', 'gone.json'),
});
const copy = (name: string, table = 'staged'): string =>
  `copy ${table} from 's3://drop/${name}.manifest' iam_role default json 'auto ignorecase' manifest compupdate off statupdate off`;
const stage = 'create temp table staged (userid bigint, level varchar(10))';
const move = 'insert into users select userid, level from staged';

let warehouse: TestWarehouse;
beforeEach(async () => {
  warehouse = await TestWarehouse.start({ objects });
  await warehouse.run('create table users (userid bigint, level varchar(10))');
});
afterEach(() => warehouse.stop());

test('COPY into a temporary table and what follows are one transaction', async () => {
  const done = await warehouse.batch([stage, copy('good'), move]);
  expect(done.Error).toBeUndefined();
  expect(done.SubStatements?.map(({ ResultRows }) => ResultRows)).toEqual([0, 2, 2]);
  expect(await warehouse.rows('select * from users order by 1')).toEqual([
    [1, 'free'],
    [2, 'paid'],
  ]);
});

test('a bad row fails the batch, and its file, line and column can be read afterwards by the query number', async () => {
  const failed = await warehouse.batch(["insert into users values (9, 'free')", stage, copy('both'), move]);
  expect(failed.Error).toBe(
    "Query #3 failed with ERROR: Load into table 'staged' failed.  Check 'sys_load_error_detail' system table for details.",
  );
  expect(await warehouse.rows('select count(*) from users')).toEqual([[0]]);
  const queryId = failed.SubStatements?.[2]?.RedshiftQueryId;
  const detail = `select trim(file_name), line_number, trim(column_name), error_code from sys_load_error_detail where query_id = ${queryId}`;
  expect(await warehouse.rows(detail)).toEqual([['s3://drop/bad.json', 2, 'userid', 1207]]);
});

test('a mandatory object that is not there fails the batch', async () => {
  const failed = await warehouse.batch([stage, copy('gone'), move]);
  expect(failed.Error).toContain('Mandatory url is not present in manifest file');
});

test('COPY into a table nobody made fails as on Redshift', async () => {
  const failed = await warehouse.run(copy('good', 'nowhere'));
  expect(failed.Error).toContain('nowhere');
  expect(failed.Status).toBe('FAILED');
});

test('COPY of its own commits by itself', async () => {
  expect(await warehouse.run(copy('good', 'users'))).toMatchObject({ Status: 'FINISHED', ResultRows: 2 });
  expect(await warehouse.rows('select count(*) from users')).toEqual([[2]]);
});

test('eight COPYs at once, each in its own batch, do not see one another', async () => {
  const done = await Promise.all(Array.from({ length: 8 }, () => warehouse.batch([stage, copy('good'), move])));
  expect(done.map(({ Status, Error: error }) => error ?? Status)).toEqual(Array(8).fill('FINISHED'));
  expect(await warehouse.rows('select count(*) from users')).toEqual([[16]]);
});

test('a COPY that waits for its objects can be cancelled, and what came before it is undone', async () => {
  let begin: (() => void) | undefined;
  const began = new Promise<void>((resolve) => (begin = resolve));
  const slow: ObjectReader = {
    ...objects,
    read: async (address) => {
      if (!address.key.endsWith('.json')) return await objects.read(address);
      begin?.();
      return { sizeBytes: 1e9, body: drip() };
    },
  };
  const other = await TestWarehouse.start({ objects: slow });
  await other.run('create table users (userid bigint, level varchar(10))');
  const Sqls = ["insert into users values (1, 'free')", copy('good', 'users')];
  const { Id } = await other.client.send(new BatchExecuteStatementCommand({ ...other.address, Sqls }));
  await began;
  await other.client.send(new CancelStatementCommand({ Id }));
  expect(await other.describe(Id)).toMatchObject({ Status: 'ABORTED' });
  expect(await other.rows('select count(*) from users')).toEqual([[0]]);
  await other.stop();
});

/** An object that never ends and comes slowly. */
async function* drip(): AsyncIterable<Uint8Array> {
  for (;;) {
    yield Buffer.from('{"userid": 1}\n');
    await pause(5);
  }
}
