import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

const changes: Refusal[] = [
  ['DELETE FROM users AS u WHERE u.user_id = 1', 'the target of DELETE has no alias', 'syntax error at or near "AS"'],
  ['DELETE FROM users u WHERE u.user_id = 1', 'the target of DELETE has no alias', 'syntax error at or near "u"'],
  ['DELETE users USING stage WHERE users.user_id = stage.user_id', 'USING needs FROM', 'syntax error'],
  ['UPDATE users u SET level = NULL', 'an alias of the target is not portable', 'syntax error at or near "u"'],
  ['UPDATE users SET users.level = NULL', 'SET takes bare columns', 'syntax error at or near "."'],
  ['UPDATE users SET nosuch = 1', 'the column exists', 'column "nosuch" of relation "users" does not exist'],
  ['UPDATE users SET level = NULL RETURNING user_id', 'no RETURNING', 'syntax error at or near "RETURNING"'],
  ['DELETE FROM users RETURNING user_id', 'no RETURNING', 'syntax error at or near "RETURNING"'],
  ['INSERT INTO users (user_id) VALUES (1) RETURNING user_id', 'no RETURNING', 'syntax error at or near "RETURNING"'],
  ['INSERT INTO users (user_id) VALUES (1) ON CONFLICT DO NOTHING', 'no ON CONFLICT', 'syntax error at or near "ON"'],
  ['INSERT INTO users AS u (user_id) VALUES (1)', 'the target of INSERT has no alias', 'syntax error at or near "AS"'],
  [
    'INSERT INTO users (user_id, nosuch) VALUES (1, 2)',
    'the column exists',
    'column "nosuch" of relation "users" does not exist',
  ],
  [
    'INSERT INTO users (user_id, user_id) VALUES (1, 2)',
    'a column comes once',
    'column "user_id" specified more than once',
  ],
  [
    'INSERT INTO users (user_id) VALUES (1, 2)',
    'one value per column',
    'INSERT has more expressions than target columns',
  ],
  [
    'INSERT INTO users (user_id, level) VALUES (1)',
    'one value per column',
    'INSERT has more target columns than expressions',
  ],
  ['INSERT INTO counted (id, name) VALUES (1, $$x$$)', 'no dollar quotes', 'syntax error at or near "$"'],
  [
    `INSERT INTO counted (id, name) VALUES (1, 'x')`,
    'identities are given by the warehouse',
    'cannot set an identity column to a value',
  ],
  ['INSERT INTO names VALUES (1)', 'views take no rows', 'cannot change view'],
  [
    'INSERT INTO stl_load_errors VALUES (1)',
    'system tables take no rows',
    'permission denied for relation stl_load_errors',
  ],
  [
    'WITH x AS (SELECT 1 AS a) INSERT INTO users (user_id) SELECT a FROM x',
    'WITH goes behind INSERT INTO',
    'syntax error at or near "INSERT"',
  ],
  [
    `INSERT INTO users (user_id, first_name) VALUES (1, 'Željko')`,
    'six letters, seven bytes, room for five',
    'value too long for type character varying(5)',
  ],
  [`UPDATE users SET first_name = 'Annabel'`, 'lengths are enforced', 'value too long for type character varying(5)'],
  [
    `INSERT INTO users (user_id, level) VALUES (1, 'trial')`,
    'lengths are enforced',
    'value too long for type character(4)',
  ],
  [
    `INSERT INTO users (user_id, level) VALUES (1, 'ž')`,
    'CHAR is for single bytes',
    'CHAR string contains invalid ASCII character',
  ],
  ['INSERT INTO users (level) VALUES (NULL)', 'NOT NULL is enforced', 'Cannot insert a NULL value into column user_id'],
  [`INSERT INTO users (user_id) VALUES ('many')`, 'text is no number', 'invalid input syntax'],
  ['INSERT INTO users (user_id) VALUES (3000000000)', 'integers have four bytes', 'Numeric data overflow'],
  [
    "COPY nosuch FROM 's3://b/k' IAM_ROLE default JSON 'auto'",
    'the target exists',
    'Cannot COPY into nonexistent table nosuch',
  ],
];

const others: Refusal[] = [
  ['SAVEPOINT a', 'no savepoints', 'syntax error at or near "SAVEPOINT"'],
  ['ROLLBACK TO SAVEPOINT a', 'no savepoints', 'syntax error at or near "TO"'],
  ['LOCK TABLE users IN EXCLUSIVE MODE', 'one mode', 'syntax error at or near "IN"'],
  ['LOCK names', 'views are not locked', '"names" is not a table'],
  ['LOCK nosuch', 'the table exists', 'relation "nosuch" does not exist'],
  [`UNLOAD ('SELECT 1') TO 's3://b/p' IAM_ROLE default`, 'not known here', 'does not support the statement UNLOAD'],
  ['CALL p()', 'not known here', 'does not support the statement CALL'],
  [`ATTACH 'x.db'`, 'a statement of the engine below', 'does not support the statement ATTACH'],
  ['PRAGMA database_list', 'a statement of the engine below', 'does not support the statement PRAGMA'],
  ['SET memory_limit TO 1', 'a setting of the engine below', 'does not support the setting memory_limit'],
  ['SET search_path TO elsewhere', 'would not be honoured', 'does not support SET search_path'],
  [`SET timezone TO 'Europe/Zurich'`, 'would not be honoured', 'does not support SET timezone'],
  ['frobnicate', 'no such statement', 'does not support the statement FROBNICATE'],
  ['', 'there is nothing', 'syntax error at end of input'],
];

describeRefusals('changes of rows that Redshift refuses', changes);
describeRefusals('other statements that Redshift refuses, or that are not known here', others);
