import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

const EQUIJOIN = 'Target table must be part of an equijoin predicate';

const joins: Refusal[] = [
  ['UPDATE users SET level = s.level FROM stage AS s', 'a product', EQUIJOIN],
  ['UPDATE users SET level = s.level FROM stage AS s WHERE users.user_id > s.user_id', 'a range', EQUIJOIN],
  ['UPDATE users SET level = s.level FROM stage AS s WHERE users.user_id = 1 AND s.user_id = 1', 'literals', EQUIJOIN],
  [
    'UPDATE users SET level = s.level FROM stage AS s WHERE (users.user_id = s.user_id OR s.user_id IS NULL)',
    'one part of an OR',
    EQUIJOIN,
  ],
  ['DELETE FROM users USING stage AS s WHERE users.user_id + s.user_id = 2', 'both on one side', EQUIJOIN],
];

describeRefusals('changes by a join that Redshift refuses', joins);

const others: Refusal[] = [
  ['', 'there is nothing', 'syntax error at end of input'],
  [`UNLOAD ('SELECT 1') TO 's3://b/p' IAM_ROLE default`, 'not known here', 'does not support the statement UNLOAD'],
  ['CALL p()', 'not known here', 'does not support the statement CALL'],
  [`ATTACH 'x.db'`, 'a statement of the engine below', 'does not support the statement ATTACH'],
  ['PRAGMA database_list', 'a statement of the engine below', 'does not support the statement PRAGMA'],
  ['SET memory_limit TO 1', 'a setting of the engine below', 'does not support the setting memory_limit'],
  ['SET search_path TO elsewhere', 'the schema exists', 'schema "elsewhere" does not exist'],
  ['SET search_path TO public, elsewhere', 'would not be honoured', 'does not support SET search_path'],
  [`SET timezone TO 'Europe/Zurich'`, 'would not be honoured', 'does not support SET timezone'],
  ['frobnicate', 'no such statement', 'does not support the statement FROBNICATE'],
];

describeRefusals('other statements that Redshift refuses, or that are not known here', others);
