import { GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
  const made = await warehouse.batch([
    'create schema star',
    'create table star.songs (song_id varchar(64), title varchar(200), code char(300), at timestamp) sortkey (at)',
    'create table star.numbers (n int)',
    'create table star.empty (n int)',
    'create view star.shown as select n from star.numbers',
    "insert into star.songs values ('a', 'b', 'x', null), ('c', 'd', 'x', null)",
    'insert into star.numbers values (1), (2), (3)',
  ]);
  expect(made.Error).toBeUndefined();
});
afterAll(() => warehouse.stop());

describe('svv_table_info', () => {
  test('has the tables that have rows, and NULL for what is not known', async () => {
    const info = await warehouse.rows(
      `select database, "schema", "table", sortkey1, max_varchar, tbl_rows, unsorted, stats_off, size, vacuum_sort_benefit
       from svv_table_info where "schema" = 'star' order by "table"`,
    );
    expect(info).toEqual([
      ['dev', 'star', 'numbers', null, null, '3', null, null, null, null],
      ['dev', 'star', 'songs', 'at', 200, '2', null, null, null, null],
    ]);
  });

  test('shows no table of the warehouse itself, and nothing that is not committed', async () => {
    const { SessionId } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
    await warehouse.run('insert into star.empty values (1)', { SessionId });
    expect(await warehouse.rows('select "table" from svv_table_info order by 1')).toEqual([['numbers'], ['songs']]);
    await warehouse.run('rollback', { SessionId, SessionKeepAliveSeconds: 0 });
  });

  test('has the columns that the manual lists, in its order', async () => {
    const { Id } = await warehouse.run('select * from svv_table_info');
    const { ColumnMetadata } = await warehouse.client.send(new GetStatementResultCommand({ Id }));
    expect(ColumnMetadata?.map(({ name, typeName }) => `${name ?? ''} ${typeName ?? ''}`)).toEqual([
      'database varchar',
      'schema varchar',
      'table_id int4',
      'table varchar',
      'encoded varchar',
      'diststyle varchar',
      'sortkey1 varchar',
      'max_varchar int4',
      'sortkey1_enc varchar',
      'sortkey_num int4',
      'size int8',
      'pct_used numeric',
      'empty int8',
      'unsorted numeric',
      'stats_off numeric',
      'tbl_rows numeric',
      'skew_sortkey1 numeric',
      'skew_rows numeric',
      'estimated_visible_rows numeric',
      'risk_event varchar',
      'vacuum_sort_benefit numeric',
      'create_time timestamp',
    ]);
  });

  test('is written by nobody', async () => {
    expect((await warehouse.run('delete from svv_table_info')).Error).toContain('permission denied');
  });
});
