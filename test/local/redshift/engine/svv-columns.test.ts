import { TestWarehouse } from '../warehouse-client.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
  const made = await warehouse.batch([
    'create schema star',
    "create table star.songs (song_id varchar(64) not null, level char(4) default 'free', year smallint, plays bigint, price decimal(10,2), at timestamp)",
    'create view star.old_songs as select song_id, year from star.songs',
    'create table elsewhere (k int)',
  ]);
  expect(made.Error).toBeUndefined();
});
afterAll(() => warehouse.stop());

const columns = (where: string): Promise<unknown[][]> =>
  warehouse.rows(
    `select table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale
     from svv_columns where ${where} order by table_name, ordinal_position`,
  );

describe('svv_columns', () => {
  test('shows name, place, type, size and whether NULL is allowed, of tables and views', async () => {
    expect(await columns(`table_schema = 'star'`)).toEqual([
      ['old_songs', 'song_id', 1, 'YES', 'character varying', 65535, null, null],
      ['old_songs', 'year', 2, 'YES', 'smallint', null, 16, 0],
      ['songs', 'song_id', 1, 'NO', 'character varying', 64, null, null],
      ['songs', 'level', 2, 'YES', 'character', 4, null, null],
      ['songs', 'year', 3, 'YES', 'smallint', null, 16, 0],
      ['songs', 'plays', 4, 'YES', 'bigint', null, 64, 0],
      ['songs', 'price', 5, 'YES', 'numeric', null, 10, 2],
      ['songs', 'at', 6, 'YES', 'timestamp without time zone', null, null, null],
    ]);
    const [found] = await warehouse.rows(
      `select table_catalog, table_schema, column_default from svv_columns where column_name = 'level'`,
    );
    expect(found).toEqual(['dev', 'star', "'free'"]);
  });

  test('follows what is altered and dropped, and knows what is committed alone', async () => {
    await warehouse.run('alter table elsewhere add column later int');
    expect((await columns(`table_name = 'elsewhere'`)).map(([, name]) => name)).toEqual(['k', 'later']);
    const { SessionId } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
    await warehouse.run('create table uncommitted (k int)', { SessionId });
    expect(await columns(`table_name = 'uncommitted'`)).toEqual([]);
    await warehouse.run('rollback', { SessionId, SessionKeepAliveSeconds: 0 });
    await warehouse.run('drop table elsewhere');
    expect(await columns(`table_name = 'elsewhere'`)).toEqual([]);
  });
});
