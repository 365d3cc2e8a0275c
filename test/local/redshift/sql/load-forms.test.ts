import { SmallWarehouse } from '../small-warehouse.ts';

/** Forms that a load is made of, beside those of its MERGEs: dates, keys of tables, subqueries as values, windows. */
let warehouse: SmallWarehouse;
beforeEach(async () => {
  warehouse = await SmallWarehouse.open(`
    CREATE SCHEMA star;
    CREATE TABLE star.plays (id varchar(8) NOT NULL, start_time timestamp, song varchar(8), day date, batch bigint)
      DISTSTYLE AUTO SORTKEY AUTO;
    CREATE TABLE star.load_lock (source varchar(8), batch_no bigint NOT NULL) DISTSTYLE AUTO;
    CREATE TEMP TABLE healed (id varchar(8), song varchar(8));
    INSERT INTO star.load_lock VALUES ('songs', 5);
    INSERT INTO star.plays VALUES ('a', '2018-11-01 20:00:00', 'x', '2018-11-01', 1), ('b', '2018-11-02 00:00:00', NULL, '2018-11-02', 2);
    INSERT INTO healed VALUES ('a', 'y'), ('b', 'z');`);
});
afterEach(() => {
  warehouse.close();
});

test.each<[string, unknown[]]>([
  // A date is the midnight it begins with, and DATEADD makes a timestamp of it.
  [
    `SELECT CAST(p.start_time AS DATE) AS day, DATEADD(day, 1, p.day) AS next, DATEDIFF(day, p.day, DATE '2018-11-05') AS days FROM star.plays AS p ORDER BY 1`,
    [
      { day: '2018-11-01', next: '2018-11-02 00:00:00', days: '4' },
      { day: '2018-11-02', next: '2018-11-03 00:00:00', days: '3' },
    ],
  ],
  [`SELECT p.id FROM star.plays AS p WHERE p.day >= TIMESTAMP '2018-11-01 00:00:01'`, [{ id: 'b' }]],
  [`SELECT p.id FROM star.plays AS p WHERE p.start_time <= DATE '2018-11-01'`, []],
  [
    `SELECT p.id FROM star.plays AS p WHERE p.day BETWEEN TIMESTAMP '2018-11-01 00:00:00' AND TIMESTAMP '2018-11-01 23:59:59'`,
    [{ id: 'a' }],
  ],
  ['SELECT MIN(p.day) AS low, MAX(p.day) AS high FROM star.plays AS p', [{ low: '2018-11-01', high: '2018-11-02' }]],
  [`SELECT MIN(p.day) AS low FROM star.plays AS p WHERE p.id = 'none'`, [{ low: null }]],
  [
    `SELECT LEAST(p.day, DATE '2018-11-01') AS low, GREATEST(p.day, CAST(NULL AS DATE)) AS high, NULLIF(p.id, 'b') AS id FROM star.plays AS p WHERE p.id = 'b'`,
    [{ low: '2018-11-01', high: '2018-11-02', id: null }],
  ],
  [
    'SELECT p.id, LAG(p.id) OVER (ORDER BY p.start_time) AS before, MAX(p.day) OVER (ORDER BY p.start_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest FROM star.plays AS p ORDER BY 1',
    [
      { id: 'a', before: null, latest: null },
      { id: 'b', before: 'a', latest: '2018-11-01' },
    ],
  ],
  [
    'SELECT 0 AS n UNION ALL SELECT x.batch FROM (SELECT p.batch FROM star.plays AS p ORDER BY p.batch DESC LIMIT 1) AS x ORDER BY 1',
    [{ n: '0' }, { n: '2' }],
  ],
  [
    'SELECT (SELECT MAX(p.batch) FROM star.plays AS p) AS seen, COUNT(*) AS n FROM healed AS h',
    [{ seen: '2', n: '2' }],
  ],
  ['SELECT db_collation()', [{ db_collation: 'case_sensitive' }]],
])('%s', async (sql, rows) => {
  expect(await warehouse.run(sql)).toEqual(rows);
});

test.each([
  `CREATE TEMP TABLE made DISTKEY (batch_id) AS SELECT CAST('b-1' AS VARCHAR(64)) AS batch_id, CAST(p.start_time AS DATE) AS day FROM star.plays AS p`,
  `CREATE TEMP TABLE made DISTSTYLE KEY DISTKEY (batch_id) SORTKEY (day) AS SELECT CAST('b-1' AS VARCHAR(64)) AS batch_id, p.day FROM star.plays AS p`,
  `CREATE TEMP TABLE made DISTSTYLE AUTO SORTKEY AUTO AS SELECT CAST('b-1' AS VARCHAR(64)) AS batch_id, p.day FROM star.plays AS p`,
])('%s', async (sql) => {
  await warehouse.run(sql);
  expect(await warehouse.run('SELECT batch_id, MAX(day) AS day FROM made GROUP BY 1')).toEqual([
    { batch_id: 'b-1', day: '2018-11-02' },
  ]);
  expect(warehouse.catalog.find({ schema: undefined, name: 'made' })?.columns.map(({ type }) => type.name)).toEqual([
    'character varying',
    'date',
  ]);
});

describe('a subquery as a value', () => {
  const insert = `INSERT INTO star.load_lock SELECT 'new', (SELECT n.batch_no + 1 FROM star.load_lock AS n WHERE n.source = 'songs') FROM healed AS h WHERE h.id = 'a'`;
  const lockRows = () => warehouse.run('SELECT n.source, n.batch_no FROM star.load_lock AS n ORDER BY 2');

  test('is the one row it gives', async () => {
    await warehouse.run(insert);
    expect(await lockRows()).toEqual([
      { source: 'songs', batch_no: '5' },
      { source: 'new', batch_no: '6' },
    ]);
  });

  test('is NULL without a row, which a NOT NULL column refuses', async () => {
    await warehouse.run('DELETE FROM star.load_lock');
    await expect(warehouse.run(insert)).rejects.toThrow('Cannot insert a NULL value into column batch_no');
  });

  test('is an error with several rows', async () => {
    await warehouse.run(`INSERT INTO star.load_lock VALUES ('songs', 9)`);
    await expect(warehouse.run(insert)).rejects.toThrow(
      'more than one row returned by a subquery used as an expression',
    );
    expect(await lockRows()).toHaveLength(2);
  });

  test('may be what an UPDATE sets', async () => {
    await warehouse.run(
      `UPDATE star.load_lock SET batch_no = (SELECT COUNT(*) FROM healed AS h) WHERE source = 'songs'`,
    );
    expect(await lockRows()).toEqual([{ source: 'songs', batch_no: '2' }]);
  });
});

test('an UPDATE takes values from another table for the rows within literals', async () => {
  await warehouse.run(
    `UPDATE star.plays SET song = h.song FROM healed AS h WHERE star.plays.id = h.id
     AND star.plays.start_time BETWEEN TIMESTAMP '2018-11-01 00:00:00' AND TIMESTAMP '2018-11-01 23:59:59'`,
  );
  expect(await warehouse.run('SELECT p.song FROM star.plays AS p ORDER BY p.id')).toEqual([
    { song: 'y' },
    { song: null },
  ]);
});

test('a condition that must not hold is a division by zero', async () => {
  const guard = (batch: number): string =>
    `SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS clear FROM star.plays AS p WHERE p.batch > ${batch}`;
  expect(await warehouse.run(guard(2))).toEqual([{ clear: 1 }]);
  await expect(warehouse.run(guard(1))).rejects.toThrow('Divide by zero');
});
