import { SmallWarehouse } from '../small-warehouse.ts';

/** The clock stands at 2018-11-30 12:34:56.789. */
const values: [expression: string, value: unknown][] = [['getdate()', '2018-11-30 12:34:56']];

describe('expressions', () => {
  let warehouse: SmallWarehouse;
  beforeAll(async () => {
    warehouse = await SmallWarehouse.open();
  });
  afterAll(() => {
    warehouse.close();
  });

  test.each(values)('%s is %p', async (expression, value) => {
    expect(await warehouse.run(`SELECT ${expression} AS value`)).toEqual([{ value }]);
  });

  test.each([
    ['SELECT count(*), max(1), 1 + 1, CASE WHEN true THEN 1 END, 1::int', ['count', 'max', '?column?', 'case', 'int4']],
    [
      `SELECT "X"."FirstName"::varchar, x.firstname AS "Name", x.firstname fn FROM (SELECT 'a' AS FirstName) AS x`,
      ['firstname', 'name', 'fn'],
    ],
    [`SELECT date_part(year, date '2018-11-01'), row_number() OVER (ORDER BY 1)`, ['pgdate_part', 'row_number']],
  ])('%s names its columns as Redshift does', async (sql, names) => {
    const { plan } = warehouse.translate(sql);
    const reader = await warehouse.connection.runAndReadAll(plan.kind === 'query' ? plan.sql : '');
    expect(reader.columnNames().map((name) => name.replace(/:\d+$/, ''))).toEqual(names);
  });
});

describe('queries', () => {
  let warehouse: SmallWarehouse;
  beforeAll(async () => {
    warehouse = await SmallWarehouse.open(`
      CREATE TABLE plays (id integer, level varchar(8), at timestamp);
      INSERT INTO plays VALUES (1, 'free', '2018-11-01'), (2, 'paid', NULL), (3, 'free', '2018-11-03');`);
  });
  afterAll(() => {
    warehouse.close();
  });

  test.each([
    ['SELECT 1', [], []],
    ['SELECT * FROM plays', ['public.plays'], []],
    ['WITH plays AS (SELECT 1 AS id) SELECT id FROM plays', [], []],
    ['SELECT 1 WHERE EXISTS (SELECT 1 FROM "PLAYS")', ['public.plays'], []],
    ['INSERT INTO plays (id) SELECT max(id) FROM plays', ['public.plays'], ['public.plays']],
    ['DELETE FROM plays', [], ['public.plays']],
    ['SELECT * FROM stl_load_errors', ['redshift_system.stl_load_errors'], []],
  ])('%s reads and writes the tables it names', (sql, reads, writes) => {
    const translation = warehouse.translate(sql);
    expect([translation.reads, translation.writes]).toEqual([reads, writes]);
  });

  test('LOCK names its tables in the order written', () => {
    expect(warehouse.translate('LOCK TABLE plays')).toEqual({
      verb: 'LOCK',
      plan: { kind: 'lock' },
      reads: [],
      toMaterialize: [],
      writes: [],
      locks: ['public.plays'],
    });
  });
});
