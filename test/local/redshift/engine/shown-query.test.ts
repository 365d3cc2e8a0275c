import { objectsInMemory, TestWarehouse } from '../warehouse-client.ts';

// Above a megabyte a temporary table shows the rows where COPY left them. Nothing else about it may differ.
const rows = 40_000;
const large = Array.from({ length: rows }, (_, n) => `{"userId": ${n}, "level": "free", "note": "a"}\n`).join('');
const objects = objectsInMemory({ 'drop/large.json': large, 'drop/small.json': '{"userId": -1, "level": "paid"}\n' });

const stage = 'create temp table staged (userid bigint not null, level varchar(4))';
const copy = (name: string): string =>
  `copy staged from 's3://drop/${name}.json' iam_role default json 'auto ignorecase'`;
const count = 'select count(*), sum(userid), max(level) from staged';
const sum = (rows * (rows - 1)) / 2;

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start({ objects });
});
afterAll(() => warehouse.stop());

/** Runs statements in one transaction; gives the rows of the last one, which reads a permanent table made from it. */
async function after(...statements: string[]): Promise<unknown[][]> {
  await warehouse.run('drop table if exists seen');
  const done = await warehouse.batch([...statements, `create table seen as ${count}`]);
  if (done.Error !== undefined) throw new Error(done.Error);
  return warehouse.rows('select * from seen');
}

test('a large COPY says how many rows it loaded, and they are there', async () => {
  const done = await warehouse.batch([stage, copy('large')]);
  expect(done.SubStatements?.map(({ ResultRows }) => ResultRows)).toEqual([0, rows]);
  expect(await after(stage, copy('large'))).toEqual([[rows, sum, 'free']]);
});

test.each([
  ['a row is inserted', "insert into staged values (-2, 'paid')", [rows + 1, sum - 2, 'paid']],
  ['rows are updated', "update staged set level = 'gone'", [rows, sum, 'gone']],
  ['rows are deleted', 'delete from staged where userid > 1', [2, 1, 'free']],
  ['a second COPY follows', copy('small'), [rows + 1, sum - 1, 'paid']],
  ['a second large COPY follows', copy('large'), [2 * rows, 2 * sum, 'free']],
  ['a column is added', "alter table staged add column more varchar(8) default 'x'", [rows, sum, 'free']],
])('it is a table like any other when %s', async (_, change, expected) => {
  expect(await after(stage, copy('large'), change)).toEqual([expected]);
});

test('it may be dropped and made again', async () => {
  expect(await after(stage, copy('large'), 'drop table staged', stage, copy('small'))).toEqual([[1, -1, 'paid']]);
});

test('its columns keep their lengths and their NOT NULL', async () => {
  const tooLong = await warehouse.batch([stage, copy('large'), "insert into staged values (1, 'longer')"]);
  expect(tooLong.Error).toContain('value too long for type character varying(4)');
  const missing = await warehouse.batch([stage, copy('large'), "insert into staged values (null, 'free')"]);
  expect(missing.Error).toContain('Cannot insert a NULL value into column userid');
});

describe('in a session', () => {
  let session: { SessionId: string };
  beforeEach(async () => {
    const { SessionId } = await warehouse.run(stage, { SessionKeepAliveSeconds: 60 });
    session = { SessionId: SessionId ?? '' };
  });
  const run = async (sql: string): Promise<string | undefined> => (await warehouse.run(sql, session)).Error;

  test('the rows outlive the transaction', async () => {
    expect(await run(copy('large'))).toBeUndefined();
    expect(await run(`create table kept as ${count}`)).toBeUndefined();
    expect(await run("insert into staged values (-2, 'paid')")).toBeUndefined();
    expect(await run(`insert into kept ${count}`)).toBeUndefined();
    expect(await warehouse.rows('select * from kept order by 1')).toEqual([
      [rows, sum, 'free'],
      [rows + 1, sum - 2, 'paid'],
    ]);
  });

  test('a rollback gives the empty table back', async () => {
    for (const sql of ['begin', copy('large'), 'rollback', "insert into staged values (5, 'paid')"])
      expect(await run(sql)).toBeUndefined();
    expect(await run(`create table rolled_back as ${count}`)).toBeUndefined();
    expect(await warehouse.rows('select * from rolled_back')).toEqual([[1, 5, 'paid']]);
  });
});
