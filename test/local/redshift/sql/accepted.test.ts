import { SmallWarehouse } from '../small-warehouse.ts';

/** Expressions with the value Redshift gives; the clock stands at 2018-11-30 12:34:56.789. */
const values: [expression: string, value: unknown][] = [
  ['7 / 2', 3],
  ['-7 / 2', -3],
  ['7 / 2.0', 3.5],
  ['7 % 4', 3],
  ['mod(7, 4)', 3],
  ['((SELECT 1) + 1)', 2],
  ['2 ^ 3', 8],
  [`'a' || NULL`, null],
  [`concat('a', 'b')`, 'ab'],
  [`concat('a', NULL)`, null],
  ['nvl(NULL, 1)', 1],
  ['nvl2(NULL, 1, 2)', 2],
  [`decode(NULL, NULL, 'none', 'some')`, 'none'],
  [`decode(3, 1, 'one', 2, 'two')`, null],
  ['greatest(1, NULL, 3)', 3],
  [`len('žluť')`, 4],
  [`octet_length('žluť')`, 6],
  [`lpad('7', 3, '0')`, '007'],
  [`split_part('a-b', '-', 2)`, 'b'],
  [`substring('abcdef', 2, 3)`, 'bcd'],
  [`substring('abcdef' FROM 2 FOR 1)`, 'b'],
  // As the manual has it: the length counts from the start, even before the text.
  [`substring('caterpillar', -2, 6)`, 'cat'],
  [`substring('caterpillar', -5, 4)`, ''],
  [`substring('caterpillar', 0)`, 'caterpillar'],
  [`substring('cat', 2, NULL)`, null],
  [`lpad('a', 5, 'xy')`, 'xyxya'],
  [`rpad('abc', 2)`, 'ab'],
  [`lpad('a', NULL, 'x')`, null],
  [`len(repeat('a', 65535))`, 65535],
  [`repeat('', 1000000000)`, ''],
  [`repeat('a', NULL)`, null],
  [`replace('abc', 'b', 'xx')`, 'axxc'],
  [`replace('a', 'a', NULL)`, null],
  [`split_part('a-b', '-', NULL)`, null],
  [`'aXbXc' LIKE '%X%_'`, true],
  [`'a.c' LIKE '%._%'`, true],
  [`'axc' LIKE '%._%'`, false],
  [`'a_c' LIKE 'a!_c' ESCAPE '!'`, true],
  [`'ABC' ILIKE '%b%'`, true],
  [`'abc' LIKE '%' || 'b' || '%'`, true],
  [`repeat('a', 60000) LIKE '%a_%a_%a_%a_%a_%b'`, false],
  [`repeat('a', 60000) ILIKE '%a%a%a%a%a%b'`, false],
  ['- - + - 3', -3],
  [`trim(both 'x' FROM 'xax')`, 'a'],
  [`btrim('  a ')`, 'a'],
  [`position('b' IN 'abc')`, 2],
  [`charindex('b', 'abc')`, 2],
  [`md5('a')`, '0cc175b9c0f1b6a831c399e269772661'],
  [`sha2('a', 256)`, 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
  [`strtol('ff', 16)`, '255'],
  [`'abcdef'::varchar(3)`, 'abc'],
  [`'žluť'::varchar(3)`, 'žl'],
  [`CAST('žluť' AS varchar(2))`, 'ž'],
  [`' 15 '::int`, 15],
  ['1.5::int', 2],
  [`try_cast('x' AS int)`, null],
  [`'5'::float / 2`, 2.5],
  [`'xay' ~ 'a'`, true],
  [`'xAy' ~ 'a'`, false],
  [`'xAy' ~* 'a'`, true],
  [`'xay' !~ '^a'`, true],
  [`'a.c' SIMILAR TO 'a.%'`, true],
  [`'abc' SIMILAR TO 'a.c'`, false],
  [String.raw`'a_b' LIKE 'a\\_b'`, true],
  [String.raw`'axb' LIKE 'a\\_b'`, false],
  [String.raw`'it\'s'`, "it's"],
  [`regexp_replace('aXbX', 'X', '-')`, 'a-b-'],
  [`regexp_replace('ab', '(a)(b)', '$2$1')`, 'ba'],
  [`regexp_substr('ab12', '[0-9]+')`, '12'],
  [`regexp_count('a1b2', '[0-9]')`, 2],
  [`json_extract_path_text('{"a":{"b":"c"}}', 'a', 'b')`, 'c'],
  [`json_extract_path_text('broken', 'a', true)`, null],
  [`is_valid_json('{"a":1}')`, true],
  [`is_valid_json('{')`, false],
  ['getdate()', '2018-11-30 12:34:56'],
  [`TIMESTAMP 'epoch' + 1541105830796 / 1000 * INTERVAL '1 second'`, '2018-11-01 20:57:10'],
  [`dateadd(ms, 796, '2018-11-01 20:57:10')`, '2018-11-01 20:57:10.796'],
  [`dateadd(qtr, 1, date '2018-11-01')`, '2019-02-01 00:00:00'],
  [`datediff(ms, TIMESTAMP '1970-01-01 00:00:00', TIMESTAMP '2018-11-01 20:57:10.796')`, '1541105830796'],
  [`datediff(day, '2018-11-01 23:59:59', '2018-11-02')`, '1'],
  [`date_trunc('hour', TIMESTAMP '2018-11-01 20:57:10.796')`, '2018-11-01 20:00:00'],
  [`extract(epoch FROM TIMESTAMP '2018-11-01 20:57:10.796')`, '1541105830'],
  [`extract(dow FROM TIMESTAMP '2018-11-04')`, 0],
  [`extract(week FROM date '2018-12-31')`, 1],
  [`extract(sec FROM TIMESTAMP '2018-11-01 20:57:10.796')`, 10],
  [`date_part(year, date '2018-11-01')`, 2018],
  [`to_char(TIMESTAMP '2018-11-04 20:57:10.796', 'YYYY-MM-DD HH24:MI:SS.MS')`, '2018-11-04 20:57:10.796'],
  [`to_char(date '2018-11-04', 'D')`, '1'],
  [`to_date('20181104', 'YYYYMMDD')`, '2018-11-04'],
  [`convert_timezone('America/New_York', TIMESTAMP '2018-11-01 12:00:00')`, '2018-11-01 08:00:00'],
  [`add_months('2019-01-31', 1)`, '2019-02-28 00:00:00'],
  [`last_day('2020-02-03')`, '2020-02-29'],
  [`CASE WHEN 1 IN (1, 2) AND NOT 3 BETWEEN 1 AND 2 THEN 'yes' ELSE 'no' END`, 'yes'],
];

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

  test.each<[string, unknown[]]>([
    ['SELECT id FROM plays ORDER BY at DESC', [{ id: 2 }, { id: 3 }, { id: 1 }]],
    ["SELECT id AS n, n + 1 AS next FROM plays ORDER BY next LIMIT '1'", [{ n: 1, next: 2 }]],
    ['SELECT p.level AS id FROM plays p WHERE id = 2', [{ id: 'paid' }]],
    ['SELECT id FROM plays ORDER BY at', [{ id: 1 }, { id: 3 }, { id: 2 }]],
    ['SELECT TOP 1 id FROM plays ORDER BY id DESC', [{ id: 3 }]],
    ['SELECT avg(id), sum(id) FROM plays WHERE id < 3', [{ avg: 1, sum: '3' }]],
    [`SELECT listagg(id, ',') WITHIN GROUP (ORDER BY id DESC) AS ids FROM plays`, [{ ids: '3,2,1' }]],
    [
      'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id) AS middle, median(id) FROM plays',
      [{ middle: 2, median: 2 }],
    ],
    ['SELECT approximate count(DISTINCT level) AS n FROM plays', [{ n: '2' }]],
    [
      'SELECT p.id FROM plays p QUALIFY ROW_NUMBER() OVER (PARTITION BY p.level ORDER BY p.id DESC) = 1 ORDER BY 1',
      [{ id: 2 }, { id: 3 }],
    ],
    ['WITH plays AS (SELECT 9 AS id FROM plays) SELECT DISTINCT id FROM plays', [{ id: 9 }]],
    [
      'WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t',
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    ],
    [
      'WITH "x.csv" AS (SELECT 1 AS a), pg_class AS (SELECT * FROM "x.csv") SELECT pg_class.a FROM pg_class',
      [{ a: 1 }],
    ],
    ['SELECT p.id FROM plays p WHERE EXISTS (SELECT 1 FROM plays q WHERE q.id = p.id AND q.at IS NULL)', [{ id: 2 }]],
    ['SELECT (SELECT max(q.id) FROM plays q WHERE q.level = p.level) AS top FROM plays p WHERE p.id = 1', [{ top: 3 }]],
    ['SELECT count(*) AS n FROM plays p FULL JOIN plays q ON p.id = q.id AND p.level = q.level', [{ n: '3' }]],
    ['SELECT DISTINCT upper(level) AS l FROM plays ORDER BY UPPER(level) DESC', [{ l: 'PAID' }, { l: 'FREE' }]],
    ["SELECT id FROM plays WHERE (id, level) IN (SELECT 3, 'free')", [{ id: 3 }]],
    [
      'SELECT sum(id) OVER (PARTITION BY level ORDER BY id ROWS UNBOUNDED PRECEDING) AS s FROM plays ORDER BY s',
      [{ s: '1' }, { s: '2' }, { s: '4' }],
    ],
    [
      `SELECT coalesce(level, 'x') AS c, CASE WHEN id = 1 THEN '7' ELSE id END AS n FROM plays WHERE id = 1`,
      [{ c: 'free', n: 7 }],
    ],
    ['SELECT id FROM plays MINUS SELECT 1 ORDER BY id', [{ id: 2 }, { id: 3 }]],
    ['SELECT public.plays.id FROM public.plays WHERE plays.id = 1', [{ id: 1 }]],
    ['SELECT a.id FROM plays a JOIN plays b USING (level) WHERE b.id = 2', [{ id: 2 }]],
    ['SELECT id FROM plays WHERE id = ANY (SELECT max(id) FROM plays)', [{ id: 3 }]],
    ['(SELECT id FROM plays WHERE id = 1) UNION ALL (SELECT 5) ORDER BY 1 LIMIT 5 OFFSET 1', [{ id: 5 }]],
  ])('%s', async (sql, rows) => {
    expect(await warehouse.run(sql)).toEqual(rows);
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
