import {
  DescribeTableCommand,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListTablesCommand,
  paginateListTables,
  type ListTablesCommandInput,
} from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start();
  const made = await warehouse.batch([
    'create schema star',
    'create table star.songs (song_id varchar(64) not null, year int, price decimal(10,2), primary key (song_id))',
    "create table star.songplays (id bigint identity(1, 2), level char(4) default 'free', at timestamp not null default GETDATE(), extra super)",
    'create view star.old_songs as select song_id, year from star.songs where year < 2000',
    'create table words (w varchar)',
  ]);
  expect(made.Error).toBeUndefined();
});
afterAll(() => warehouse.stop());

const listTables = (more: Partial<ListTablesCommandInput> = {}) =>
  warehouse.client.send(new ListTablesCommand({ ...warehouse.address, ...more }));
const namesOf = async (more: Partial<ListTablesCommandInput>) => {
  const { Tables = [] } = await listTables(more);
  return Tables.map(({ schema, name }) => `${schema ?? ''}.${name ?? ''}`);
};

describe('databases and schemas', () => {
  test('there is one database', async () => {
    const { Databases } = await warehouse.client.send(new ListDatabasesCommand(warehouse.address));
    expect(Databases).toEqual(['dev']);
  });

  test("there are the user's schemas, public and those of the system, and nothing of the engine's own", async () => {
    const list = (more: object) => warehouse.client.send(new ListSchemasCommand({ ...warehouse.address, ...more }));
    expect((await list({})).Schemas).toEqual(['information_schema', 'pg_catalog', 'pg_internal', 'public', 'star']);
    expect((await list({ SchemaPattern: 'p%' })).Schemas).toEqual(['pg_catalog', 'pg_internal', 'public']);
    const first = await list({ MaxResults: 4 });
    expect(first.Schemas).toHaveLength(4);
    expect(await list({ MaxResults: 4, NextToken: first.NextToken })).toMatchObject({ Schemas: ['star'] });
  });
});

describe('tables', () => {
  test('are listed with their schema and kind, system views too', async () => {
    expect((await listTables({ SchemaPattern: 'star' })).Tables).toEqual([
      { name: 'old_songs', schema: 'star', type: 'VIEW' },
      { name: 'songplays', schema: 'star', type: 'TABLE' },
      { name: 'songs', schema: 'star', type: 'TABLE' },
    ]);
    expect((await listTables({ SchemaPattern: 'pg_catalog', TablePattern: 'stl%' })).Tables).toEqual([
      { name: 'stl_load_commits', schema: 'pg_catalog', type: 'SYSTEM VIEW' },
      { name: 'stl_load_errors', schema: 'pg_catalog', type: 'SYSTEM VIEW' },
    ]);
    expect(await namesOf({ TablePattern: 'words' })).toEqual(['public.words']);
  });

  test.each([
    ['song%', ['star.songplays', 'star.songs']],
    ['%song%', ['star.old_songs', 'star.songplays', 'star.songs']],
    ['song_', ['star.songs']],
    ['old\\_songs', ['star.old_songs']],
    ['old\\%', []],
    ['SONGS', []],
    ['%', ['star.old_songs', 'star.songplays', 'star.songs']],
    ['', []],
    ['song', []],
    ['s%n%g%s%', ['star.songplays', 'star.songs']],
  ])('are found by the pattern %j', async (TablePattern, found) => {
    expect(await namesOf({ SchemaPattern: 'star', TablePattern })).toEqual(found);
  });

  test('are searched at once even by a pattern made to be slow', async () => {
    await warehouse.run(`create table ${'a'.repeat(120)} (k int)`);
    expect(await namesOf({ TablePattern: `${'%a'.repeat(60)}%b` })).toEqual([]);
  });

  test('come page by page, each once', async () => {
    const names: (string | undefined)[] = [];
    const pages = paginateListTables({ client: warehouse.client, pageSize: 2 }, { ...warehouse.address });
    for await (const { Tables = [] } of pages) {
      expect(Tables.length).toBeLessThanOrEqual(2);
      names.push(...Tables.map(({ name }) => name));
    }
    expect(names).toEqual((await listTables()).Tables?.map(({ name }) => name));
    expect(names.length).toBeGreaterThan(8);
  });

  test('of a transaction that is not committed are not there, nor are temporary ones', async () => {
    const { SessionId } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
    await warehouse.run('create table star.later (k int)', { SessionId });
    await warehouse.run('create temp table passing (k int)', { SessionId });
    expect(await namesOf({ TablePattern: 'later' })).toEqual([]);
    await warehouse.run('commit', { SessionId, SessionKeepAliveSeconds: 0 });
    expect(await namesOf({ TablePattern: 'later' })).toEqual(['star.later']);
    expect(await namesOf({ TablePattern: 'passing' })).toEqual([]);
    await warehouse.run('drop table star.later');
  });
});

describe('the columns of a table', () => {
  const describeTable = (more: object) =>
    warehouse.client.send(new DescribeTableCommand({ ...warehouse.address, ...more }));

  test('have their type, size, default and whether they may be NULL', async () => {
    const { TableName, ColumnList } = await describeTable({ Schema: 'star', Table: 'songs' });
    expect(TableName).toBe('songs');
    expect(ColumnList).toMatchObject([
      { name: 'song_id', typeName: 'varchar', length: 64, precision: 64, scale: 0, nullable: 0, isCaseSensitive: true },
      { name: 'year', typeName: 'int4', precision: 10, nullable: 1, isSigned: true },
      { name: 'price', typeName: 'numeric', precision: 10, scale: 2, schemaName: 'star', tableName: 'songs' },
    ]);
    const plays = (await describeTable({ Schema: 'star', Table: 'songplays' })).ColumnList ?? [];
    expect(plays.map(({ name, typeName, columnDefault }) => [name, typeName, columnDefault])).toEqual([
      ['id', 'int8', `"identity"(0, 0, '1,2'::text)`],
      ['level', 'bpchar', "'free'"],
      ['at', 'timestamp', 'GETDATE()'],
      ['extra', 'super', undefined],
    ]);
  });

  test('are those of all tables that the call does not leave out', async () => {
    const { ColumnList = [], TableName } = await describeTable({ Schema: 'star' });
    expect(TableName).toBeUndefined();
    expect([...new Set(ColumnList.map(({ tableName }) => tableName))]).toEqual(['old_songs', 'songplays', 'songs']);
  });

  test('are known of views and system views, too', async () => {
    const view = await describeTable({ Schema: 'star', Table: 'old_songs' });
    expect(view.ColumnList?.map(({ name }) => name)).toEqual(['song_id', 'year']);
    const system = await describeTable({ Schema: 'pg_catalog', Table: 'stl_load_errors' });
    expect(system.ColumnList?.map(({ name }) => name)).toContain('err_reason');
  });

  test('are none for a table that does not exist, and names are no patterns', async () => {
    for (const Table of ['nowhere', 'song_', 'song%'])
      expect((await describeTable({ Schema: 'star', Table })).ColumnList).toEqual([]);
  });

  test('come page by page', async () => {
    const first = await describeTable({ Schema: 'star', Table: 'songs', MaxResults: 2 });
    expect(first.ColumnList?.map(({ name }) => name)).toEqual(['song_id', 'year']);
    const second = await describeTable({ Schema: 'star', Table: 'songs', NextToken: first.NextToken });
    expect(second.ColumnList?.map(({ name }) => name)).toEqual(['price']);
    expect(second.NextToken).toBeUndefined();
  });
});

describe('a call for metadata is refused', () => {
  const refused: [string, Partial<ListTablesCommandInput>, string][] = [
    ['without a database', { Database: undefined }, "Value null at 'database'"],
    ['for a database that does not exist', { Database: 'elsewhere' }, 'database "elsewhere" does not exist'],
    ['by way of a database that does not exist', { ConnectedDatabase: 'x' }, 'database "x" does not exist'],
    ['without workgroup or cluster', { WorkgroupName: undefined }, 'Either WorkgroupName or ClusterIdentifier'],
    ['with workgroup and cluster', { ClusterIdentifier: 'c' }, 'Only one of'],
    ['for a workgroup that does not exist', { WorkgroupName: 'other' }, "Redshift endpoint doesn't exist"],
    ['for more than 1,000 at once', { MaxResults: 1001 }, 'less than or equal to 1000'],
    ['for fewer than none', { MaxResults: -1 }, 'greater than or equal to 0'],
    ['with a token that is none', { NextToken: 'strange' }, 'The NextToken is not valid for ListTables'],
    [
      'with a token of another list',
      { NextToken: Buffer.from('ListSchemas/1').toString('base64url') },
      'The NextToken is not valid for ListTables',
    ],
  ];
  test.each(refused)('%s', async (_why, input, message) => {
    const listed = listTables(input);
    await expect(listed).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(listed).rejects.toThrow(message);
  });
});
