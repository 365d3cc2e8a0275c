import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';
import { SmallWarehouse } from '../small-warehouse.ts';

const definitions: Refusal[] = [
  ['ALTER TABLE users ALTER COLUMN user_id TYPE bigint', 'only VARCHAR changes its size', 'cannot alter type'],
  ['CREATE TABLE t (v hugeint)', 'a type of the engine below', 'has unsupported type "hugeint"'],
  ['CREATE TABLE t (v varbyte)', 'not known here', 'the local warehouse does not support the type varbyte'],
  ['CREATE TABLE t (a int GENERATED ALWAYS AS (1))', 'no generated columns', 'does not support GENERATED'],
  ['CREATE TABLE main.t (a int)', 'a schema of the engine below', 'schema "main" does not exist'],
  ['CREATE TABLE redshift_catalog.t (a int)', 'what this program keeps', 'schema "redshift_catalog" does not exist'],
  ['CREATE VIEW temp.v AS SELECT 1 AS a', 'a database of the engine below', 'schema "temp" does not exist'],
  ['CREATE SCHEMA temp', 'a database of the engine below', 'does not support schemas called temp'],
  ['DROP SCHEMA redshift_catalog CASCADE', 'what this program keeps', 'schema "redshift_catalog" does not exist'],
  ['CREATE MACRO m() AS 1', 'a statement of the engine below', 'syntax error at or near "MACRO"'],
  ['CREATE VIEW staged AS SELECT * FROM stage', 'a view outlives a temporary table', 'views of temporary tables'],
  ['ALTER TABLE users APPEND FROM stage', 'not known here', 'does not support ALTER TABLE APPEND'],
];

describeRefusals('definitions that Redshift refuses, or that are not known here', definitions);

test('TRUNCATE is refused in a transaction, which it would commit', async () => {
  const warehouse = await SmallWarehouse.open('CREATE TABLE counted (name varchar(5))');
  expect(() => warehouse.translate('TRUNCATE counted', true)).toThrow('cannot run inside a transaction block');
  warehouse.close();
});
