import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

/** Names that mean something to the engine below: its own tables, and files. */
const names: Refusal[] = [
  ...['FILE.csv', '/etc/passwd', '*.json', 'sqlite_master', 'duckdb_settings', 'x.parquet'].flatMap(
    (name): Refusal[] => {
      const missing = `"${name.toLowerCase()}" does not exist`;
      return [
        [`SELECT * FROM "${name}"`, 'a name is no file', missing],
        [
          `WITH RECURSIVE "${name}" AS (SELECT * FROM "${name}") SELECT * FROM "${name}"`,
          'not seen by itself',
          missing,
        ],
        [
          `WITH RECURSIVE "${name}" (a) AS (SELECT a FROM "${name}" UNION ALL SELECT 1) SELECT 1`,
          'not in its seed',
          missing,
        ],
        [
          `CREATE TABLE stolen AS WITH RECURSIVE "${name}" AS (SELECT * FROM "${name}") SELECT * FROM "${name}"`,
          'not into a table either',
          missing,
        ],
      ];
    },
  ),
  ['SELECT * FROM "pg_class"', 'a system table that is not there', 'does not support the system table pg_class'],
  [
    'WITH RECURSIVE "pg_class" AS (SELECT * FROM "pg_class") SELECT * FROM "pg_class"',
    'not seen by itself',
    'does not support the system table pg_class',
  ],
  ['SELECT * FROM public."x.csv"', 'a name is no file', 'relation "public.x.csv" does not exist'],
  ['SELECT * FROM main.sqlite_master', 'a table of the engine', 'relation "main.sqlite_master" does not exist'],
  ['SELECT * FROM redshift_catalog.tables', 'a table of this program', 'does not exist'],
  [
    'WITH RECURSIVE t (n) AS (SELECT 1 UNION SELECT n FROM t) SELECT n FROM t',
    'UNION ALL only',
    'relation "t" does not exist',
  ],
  [
    'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT n FROM t',
    'columns are named',
    'relation "t" does not exist',
  ],
  [
    'WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n FROM b), b (n) AS (SELECT 1) SELECT 1',
    'none before its time',
    'relation "b" does not exist',
  ],
  [
    'WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n FROM t UNION ALL SELECT n FROM t) SELECT 1',
    'a seed and one step',
    'does not support a recursive query of more than',
  ],
];

/** What would keep the engine or this program busy for minutes, in which nobody else is served. */
const many = (count: number, text: string): string => text.repeat(count);
const bounds: Refusal[] = [
  [`SELECT lpad('a', 65536)`, 'the longest text', 'value too long for type character varying(65535)'],
  [`SELECT rpad('a', 2000000000, 'b')`, 'the longest text', 'value too long for type character varying(65535)'],
  [`SELECT repeat('a', 4000000000)`, 'the longest text', 'value too long for type character varying(65535)'],
  [`SELECT replicate(repeat('a', 60000), 2)`, 'the longest text', 'value too long for type character varying(65535)'],
  [
    `SELECT replace(repeat('a', 60000), 'a', repeat('b', 60000))`,
    'the longest text',
    'value too long for type character varying(65535)',
  ],
  [`SELECT 'a' LIKE '%' || 'a_%a_%'`, 'endless search', 'patterns with more than two % that are no literals'],
  [`SELECT ${many(65, '(')}1${many(65, ')')}`, 'too deep', 'at most 64 levels of nesting'],
  [`SELECT ${many(50_000, '(')}1`, 'too deep', 'at most 64 levels of nesting'],
  [`SELECT ${many(65, 'CASE WHEN true THEN ')}1${many(65, ' END')}`, 'too deep', 'at most 64 levels of nesting'],
  [`SELECT ${many(65, '- ')}1`, 'too deep', 'at most 64 levels of nesting'],
  [`SELECT 1${many(501, ' UNION ALL SELECT 1')}`, 'too many', 'at most 500 set operators in a query'],
  [`SELECT 1 FROM users${many(50, ', users')}`, 'too many', 'at most 50 tables in a FROM'],
  [`SELECT 1${many(10, '::int')}`, 'too deep', 'functions and casts too deep in each other'],
  [
    `SELECT ${many(9, 'decode(')}1${many(9, `, 1${many(20, ', 1, 1')})`)}`,
    'grows without end',
    'at most 1000000 characters in one call',
  ],
];

describeRefusals('names that are something else to the engine below', names);
describeRefusals('statements without a bound', bounds);
