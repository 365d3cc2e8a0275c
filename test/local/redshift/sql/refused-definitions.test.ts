import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

import { SmallWarehouse } from '../small-warehouse.ts';

const definitions: Refusal[] = [
  ['CREATE TABLE t (timestamp timestamp)', 'reserved words are quoted', 'syntax error at or near "timestamp"'],
  ['CREATE TABLE t (user varchar)', 'reserved words are quoted', 'syntax error at or near "user"'],
  ['CREATE TABLE t (tag varchar)', 'reserved words are quoted', 'syntax error at or near "tag"'],
  ['CREATE TABLE t ("oid" int)', 'system columns keep their names', 'conflicts with a system column name'],
  ['CREATE TABLE t (id uuid)', 'no UUIDs', 'Column "t.id" has unsupported type "uuid"'],
  ['CREATE TABLE t (v jsonb)', 'SUPER is the type', 'Column "t.v" has unsupported type "jsonb"'],
  ['CREATE TABLE t (v bytea)', 'VARBYTE is the type', 'Column "t.v" has unsupported type "bytea"'],
  ['CREATE TABLE t (id serial)', 'IDENTITY is the word', 'Column "t.id" has unsupported type "serial"'],
  ['CREATE TABLE t (v int[])', 'no arrays', 'Column "t.v" has unsupported type "int[]"'],
  ['CREATE TABLE t (v hugeint)', 'a type of the engine below', 'has unsupported type "hugeint"'],
  ['CREATE TABLE t (v varbyte)', 'not known here', 'the local warehouse does not support the type varbyte'],
  ['CREATE TABLE t (at timestamp(3))', 'no precision', 'timestamp(p) is not supported'],
  ['CREATE TABLE t (v varchar(70000))', 'too long', 'cannot exceed 65535'],
  ['CREATE TABLE t (v char(5000))', 'too long', 'cannot exceed 4096'],
  ['CREATE TABLE t (v decimal(39, 0))', 'too precise', 'must be between 1 and 38'],
  ['CREATE TABLE t (a int CHECK (a > 0))', 'no CHECK', 'syntax error at or near "CHECK"'],
  ['CREATE TABLE t (a int, CHECK (a > 0))', 'no CHECK', 'syntax error at or near "CHECK"'],
  ['CREATE TABLE t (a int, a int)', 'a column comes once', 'column "a" specified more than once'],
  ['CREATE TABLE t (a int) DISTKEY (b)', 'the key exists', 'column "b" named in key does not exist'],
  ['CREATE TABLE t (a int DISTKEY, b int DISTKEY)', 'one DISTKEY', 'multiple DISTKEYs'],
  ['CREATE TABLE t (a int) DISTSTYLE KEY', 'KEY needs a key', 'requires a DISTKEY'],
  ['CREATE TABLE t (a int) DISTSTYLE ALL DISTKEY (a)', 'ALL has no key', 'DISTSTYLE ALL excludes a DISTKEY'],
  ['CREATE TABLE t DISTSTYLE AUTO DISTKEY (a) AS SELECT 1 AS a', 'AUTO has none', 'DISTSTYLE AUTO excludes a DISTKEY'],
  ['CREATE TABLE t (a int) DISTSTYLE SOME', 'no such style', 'syntax error at or near "SOME"'],
  ['CREATE TABLE t (a int) WITH (fillfactor = 70)', 'no such attribute', 'syntax error at or near "WITH"'],
  ['CREATE TABLE t (a int) PARTITION BY RANGE (a)', 'no partitions', 'syntax error at or near "PARTITION"'],
  ['CREATE TABLE t (a int ENCODE gzip)', 'no such encoding', 'unrecognized encoding type "gzip"'],
  [
    'CREATE TABLE t (a varchar ENCODE az64)',
    'AZ64 is for numbers and times',
    'invalid encoding type specified for column "a"',
  ],
  ['CREATE TABLE t (a varchar IDENTITY(1, 1))', 'identities are integers', 'must be of type INTEGER or BIGINT'],
  ['CREATE TABLE t (a int GENERATED ALWAYS AS (1))', 'no generated columns', 'does not support GENERATED'],
  ['CREATE TABLE users (a int)', 'the name is taken', 'Relation "users" already exists'],
  ['CREATE TABLE main.t (a int)', 'a schema of the engine below', 'schema "main" does not exist'],
  ['CREATE TABLE redshift_catalog.t (a int)', 'what this program keeps', 'schema "redshift_catalog" does not exist'],
  ['CREATE VIEW temp.v AS SELECT 1 AS a', 'a database of the engine below', 'schema "temp" does not exist'],
  ['CREATE SCHEMA pg_mine', 'kept by PostgreSQL', 'unacceptable schema name "pg_mine"'],
  ['CREATE SCHEMA temp', 'a database of the engine below', 'does not support schemas called temp'],
  ['CREATE SCHEMA public', 'is there', 'schema "public" already exists'],
  ['DROP SCHEMA redshift_catalog CASCADE', 'what this program keeps', 'schema "redshift_catalog" does not exist'],
  ['DROP SCHEMA nosuch', 'the schema exists', 'schema "nosuch" does not exist'],
  ['CREATE TABLE nosuch.t (a int)', 'the schema exists', 'schema "nosuch" does not exist'],
  ['CREATE TABLE t LIKE users', 'LIKE goes into parentheses', 'syntax error at or near "LIKE"'],
  [
    'CREATE TEMP TABLE public.t (a int)',
    'temporary tables have no schema',
    'cannot create temporary relation in non-temporary schema',
  ],
  ['CREATE OR REPLACE TABLE t (a int)', 'views only', 'syntax error'],
  ['CREATE INDEX i ON users (user_id)', 'no indexes', 'syntax error at or near "INDEX"'],
  ['CREATE SEQUENCE s', 'no sequences', 'syntax error at or near "SEQUENCE"'],
  [`CREATE TYPE mood AS ENUM ('sad')`, 'no types', 'syntax error at or near "TYPE"'],
  ['CREATE MACRO m() AS 1', 'a statement of the engine below', 'syntax error at or near "MACRO"'],
  ['CREATE VIEW staged AS SELECT * FROM stage', 'a view outlives a temporary table', 'views of temporary tables'],
  ['CREATE VIEW names AS SELECT 1 AS a', 'the name is taken', 'already exists'],
  ['DROP TABLE nosuch', 'the table exists', 'Table "nosuch" does not exist'],
  ['DROP TABLE names', 'a view is dropped as one', '"names" is not a table'],
  ['ALTER TABLE users ADD COLUMN a int, ADD COLUMN b int', 'one column per statement', 'syntax error at or near ","'],
  ['ALTER TABLE users ADD COLUMN level int', 'the name is taken', 'already exists'],
  ['ALTER TABLE users ADD COLUMN a int NOT NULL', 'rows there would have none', 'must have a non-null default'],
  ['ALTER TABLE users DROP COLUMN nosuch', 'the column exists', 'column "nosuch" of relation "users" does not exist'],
  ['ALTER TABLE users ALTER COLUMN user_id TYPE bigint', 'only VARCHAR changes its size', 'cannot alter type'],
  ['ALTER TABLE users APPEND FROM stage', 'not known here', 'does not support ALTER TABLE APPEND'],
];

describeRefusals('definitions that Redshift refuses, or that are not known here', definitions);

test.each([
  ['TRUNCATE counted', 'TRUNCATE cannot run inside a transaction block'],
  ['VACUUM counted', 'VACUUM cannot run inside a transaction block'],
  ['ALTER TABLE counted ALTER COLUMN name TYPE varchar(9)', 'cannot run inside a transaction block'],
])('%s is refused in a transaction', async (statement, message) => {
  const warehouse = await SmallWarehouse.open('CREATE TABLE counted (name varchar(5))');
  expect(() => warehouse.translate(statement, true)).toThrow(message);
  warehouse.close();
});
