/** What the engine reads, evaluates, compares and permits. */
import { DG } from '../fixtures/tables.ts';
import type { World } from '../world.ts';
import { line, type Probe } from './probe.ts';

/** A table of a million rows, a minute each, sorted by time, and three staged rows of one day of it. */
const SCANNED = [
  'CREATE TABLE scanned (k integer, at timestamp, v integer) DISTSTYLE EVEN SORTKEY (at)',
  `INSERT INTO scanned SELECT d.i, DATEADD(minute, d.i, TIMESTAMP '2018-01-01 00:00:00'), 0 FROM (
     SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS i
     FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits d CROSS JOIN digits e CROSS JOIN digits f
   ) AS d ORDER BY 2`,
  `CREATE TABLE few AS SELECT k, at, 1 AS v FROM scanned WHERE k BETWEEN 500000 AND 500002`,
];
const DIGITS = [
  'CREATE TABLE digits (n integer)',
  'INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)',
];
const DAY = `BETWEEN TIMESTAMP '2018-12-14 00:00:00' AND TIMESTAMP '2018-12-15 00:00:00'`;
const MERGE = (bound: string): string =>
  `MERGE INTO scanned USING few ON scanned.k = few.k AND scanned.at = few.at ${bound}
   WHEN MATCHED THEN UPDATE SET v = few.v WHEN NOT MATCHED THEN INSERT VALUES (few.k, few.at, few.v)`;

/** Each way in which the system tables may tell what a query has read. */
const READINGS: [view: string, sql: (query: number) => string][] = [
  [
    'sys_query_detail',
    (query) =>
      `SELECT SUM(input_rows) AS rows_in, SUM(output_rows) AS rows_out, SUM(blocks_read) AS blocks, MAX(is_rrscan) AS range_scan
       FROM sys_query_detail WHERE query_id = ${query} AND TRIM(step_name) = 'scan' AND TRIM(table_name) LIKE '%scanned%'`,
  ],
  [
    'stl_scan',
    (query) =>
      `SELECT SUM(rows_pre_filter) AS rows_pre_filter, SUM(rows) AS rows_out, MAX(is_rrscan) AS range_scan
       FROM stl_scan WHERE query = ${query} AND type = 2`,
  ],
];

/** What a query over the large table has read, as far as it can be seen. Nothing is made where nothing can be seen. */
async function scan({ api, schema }: World, statement: string): Promise<string> {
  const readable: typeof READINGS = [];
  const closed: string[] = [];
  for (const reading of READINGS) {
    const { Status, text } = await api.run(reading[1](0));
    if (Status === 'FINISHED') readable.push(reading);
    else closed.push(`${reading[0]}: ${text}`);
  }
  if (readable.length === 0) return closed.join('; ');
  const path = `SET search_path TO ${schema}`;
  const made = await api.batch([path, 'DROP TABLE IF EXISTS digits, scanned, few', ...DIGITS, ...SCANNED]);
  if (made.Status !== 'FINISHED') throw new Error(made.text);
  const ran = await api.batch([path, statement]);
  const { SubStatements = [], Status, text } = await api.ended(ran.id);
  if (Status !== 'FINISHED') return text;
  const query = SubStatements.at(-1)?.RedshiftQueryId ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const seen = await Promise.all(
    readable.map(async ([view, sql]) => `${view}: ${line((await api.query(sql(query)))[0])}`),
  );
  return [...seen, ...closed].join('; ');
}

const scans: [name: string, statement: string][] = [
  ['a SELECT without a bound', 'SELECT SUM(v) FROM scanned WHERE k > 0'],
  ['a SELECT with literals on the sort key', `SELECT SUM(v) FROM scanned WHERE k > 0 AND at ${DAY}`],
  ['a join without a bound', 'SELECT SUM(s.v) FROM scanned AS s JOIN few AS f ON s.k = f.k AND s.at = f.at'],
  [
    'a join with literals on the sort key',
    `SELECT SUM(s.v) FROM scanned AS s JOIN few AS f ON s.k = f.k AND s.at = f.at AND s.at ${DAY}`,
  ],
  ['a MERGE without a bound', MERGE('')],
  ['a MERGE with literals on the sort key', MERGE(`AND scanned.at ${DAY}`)],
];

/** The value of a query, or the text it fails with. */
async function value({ api, schema }: World, ...statements: string[]): Promise<string> {
  const all = [`SET search_path TO ${schema}`, ...statements];
  const { id, Status, text } = await api.batch(all);
  return Status === 'FINISHED' ? line((await api.rows(`${id}:${all.length}`))[0]) : text;
}

const FLOATS = [
  'CREATE TEMP TABLE floats (a double precision)',
  `INSERT INTO floats VALUES (CAST('0' AS double precision)), (CAST('-0' AS double precision)),
     (CAST('NaN' AS double precision)), (CAST('NaN' AS double precision))`,
];

/** What LOCK asks of a user who has one right. The user is gone with the transaction, which fails on purpose. */
async function lockWith({ api, schema }: World, privilege: string): Promise<string> {
  const user = `${schema}_user`;
  const statements = [
    `CREATE USER ${user} PASSWORD DISABLE`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${user}`,
    `GRANT ${privilege} ON ${schema}.one TO ${user}`,
    `SET SESSION AUTHORIZATION ${user}`,
    `LOCK ${schema}.one`,
    'SELECT 1 / 0',
  ];
  const { failed, text } = await api.batch(statements);
  if (failed === statements.length - 1) return 'enough';
  return failed === statements.length - 2 ? text : `cannot be tried: ${text}`;
}

export const probes: Probe[] = [
  ...scans.map(([name, statement]): Probe => ({
    area: 'load',
    name: `what ${name} reads`,
    source: `${DG}/t_Sorting_data.html`,
    ask: (world) => scan(world, statement),
  })),
  {
    area: 'load',
    name: '0 and -0, and NaN, in GROUP BY',
    source: undefined,
    ask: (world) => value(world, ...FLOATS, 'SELECT COUNT(*) AS groups FROM (SELECT a FROM floats GROUP BY a) AS g'),
  },
  {
    area: 'load',
    name: '0 and -0, and NaN, in a join',
    source: undefined,
    ask: (world) =>
      value(world, ...FLOATS, 'SELECT COUNT(*) AS pairs FROM floats AS one JOIN floats AS other ON one.a = other.a'),
  },
  {
    area: 'load',
    name: 'a division by zero in a branch that is not taken',
    source: undefined,
    ask: (world) => value(world, 'SELECT CASE WHEN n = 1 THEN 1 ELSE 1 / 0 END AS taken FROM one'),
  },
  {
    area: 'load',
    name: 'a guard over no rows at all',
    source: undefined,
    believed: 'clear 1',
    ask: (world) =>
      value(world, 'SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS clear FROM star_plays WHERE batch > 100'),
  },
  {
    area: 'load',
    name: 'whether the database compares text by case',
    source: `${DG}/r_DB_COLLATION.html`,
    believed: 'collation case_sensitive',
    ask: (world) => value(world, 'SELECT db_collation() AS collation'),
  },
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'UPDATE, DELETE'].map((privilege): Probe => ({
    area: 'load',
    name: `LOCK by a user with ${privilege} alone`,
    source: `${DG}/r_LOCK.html`,
    ask: (world) => lockWith(world, privilege),
  })),
];
