import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

/** Each is understood by the engine below and by PostgreSQL, or by the engine alone. */
const windows: Refusal[] = [
  [
    'SELECT sum(user_id) OVER (ORDER BY level) FROM users',
    'an aggregate needs a frame: OHDSI/Achilles#232',
    'Aggregate window functions with an ORDER BY clause require a frame clause',
  ],
  [
    'SELECT first_value(level) OVER (ORDER BY level) FROM users',
    'needs a frame: r_WF_first_value',
    'Aggregate window functions with an ORDER BY clause require a frame clause',
  ],
  [
    'SELECT count(DISTINCT level) OVER (PARTITION BY user_id) FROM users',
    'no DISTINCT in a window: r_WF_COUNT',
    'DISTINCT is not implemented for window functions',
  ],
  ['SELECT lag(level) OVER () FROM users', 'needs an order: r_WF_LAG', 'the window of lag needs ORDER BY'],
  [
    'SELECT lead(user_id, 1, 0) OVER (ORDER BY user_id) FROM users',
    'no default: r_WF_LEAD',
    'Default parameter not be supported for window function lead',
  ],
  [
    'SELECT rank() OVER (ORDER BY user_id ROWS UNBOUNDED PRECEDING) FROM users',
    'no frame: r_WF_RANK',
    'the window of rank has no frame',
  ],
  [
    'SELECT sum(user_id) OVER (ROWS UNBOUNDED PRECEDING) FROM users',
    'a frame is a part of ORDER BY: r_Window_function_synopsis',
    'a window frame comes behind ORDER BY',
  ],
  [
    'SELECT median(user_id) OVER (ORDER BY level) FROM users',
    'PARTITION BY alone: r_WF_MEDIAN',
    'the window of median has PARTITION BY alone',
  ],
  ['SELECT bool_or(true) OVER () FROM users', 'not in c_Window_functions', 'bool_or is no window function'],
  ['SELECT upper(level) OVER () FROM users', 'not in c_Window_functions', 'upper is no window function'],
  ['SELECT rank() FROM users', 'nothing without OVER', 'window function call requires an OVER clause'],
];

/** https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html, and where it is silent the worse is assumed. */
const correlated = 'This type of correlated subquery pattern is not supported';
const correlations: Refusal[] = [
  [
    'SELECT (SELECT u.level FROM users u WHERE u.user_id < users.user_id LIMIT 1) FROM users',
    'equalities only, and no LIMIT',
    correlated,
  ],
  [
    'SELECT (SELECT u.level FROM users u WHERE u.user_id = users.user_id LIMIT 1) FROM users',
    'no LIMIT in a correlated subquery',
    correlated,
  ],
  ['SELECT (SELECT x.level) FROM users x', 'in WHERE only', correlated],
  [
    'SELECT 1 FROM users x WHERE EXISTS (SELECT 1 FROM users u WHERE u.user_id = x.user_id OR u.level = x.level)',
    'no OR between correlated equalities',
    correlated,
  ],
  [
    'SELECT 1 FROM users x WHERE NOT EXISTS (SELECT 1 FROM names n WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.user_id = x.user_id))',
    'skips a query',
    correlated,
  ],
  [
    'SELECT 1 FROM names n JOIN users x ON x.user_id = (SELECT max(u.user_id) FROM users u WHERE u.level = x.level)',
    'looks into the tables of an ON clause',
    correlated,
  ],
  [
    'SELECT 1 FROM users x WHERE user_id IN (SELECT sum(u.user_id) OVER () FROM users u WHERE u.level = x.level)',
    'beside a window function',
    correlated,
  ],
  [
    'DELETE FROM users WHERE EXISTS (SELECT 1 FROM stage s WHERE s.user_id > users.user_id)',
    'equalities only',
    correlated,
  ],
  [
    'SELECT 1 FROM users u, (SELECT s.level FROM stage s WHERE s.user_id = u.user_id) x',
    'a subquery in FROM sees no table beside it: no LATERAL',
    'missing FROM-clause entry for table "u"',
  ],
];

const wholeRow = 'a whole row is no value on Redshift';
const meanings: Refusal[] = [
  ['SELECT users FROM users', 'a table is no value', wholeRow],
  ['SELECT u FROM users u', 'an alias is no value', wholeRow],
  ['SELECT count(DISTINCT u) FROM users u', 'an alias is no value', wholeRow],
  ['UPDATE users SET first_name = users', 'a table is no value', wholeRow],
  ['SELECT (1, 2)', 'a row is no value', 'does not support rows as values'],
  [
    'SELECT memory.public.users.level FROM users',
    'schema, table, column at most',
    'cross-database references are not implemented',
  ],
  [
    'SELECT memory.users.level FROM users',
    'a database of the engine below',
    'missing FROM-clause entry for table "users"',
  ],
  ['INSERT INTO users (user_id) VALUES (user_id)', 'there is no row yet', 'column "user_id" does not exist'],
  [
    'SELECT DISTINCT level FROM users ORDER BY user_id',
    'as in PostgreSQL: which of the rows?',
    'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
  ],
  [
    'SELECT 1 FROM users a FULL JOIN users b ON a.user_id < b.user_id',
    'as in PostgreSQL 8: equalities only',
    'FULL JOIN is only supported with merge-joinable join conditions',
  ],
  [
    'SELECT 1 FROM users a FULL JOIN users b ON a.user_id = b.user_id OR a.level = b.level',
    'equalities only',
    'FULL JOIN is only supported with merge-joinable join conditions',
  ],
  ['SELECT 1 FROM users WHERE user_id', 'a number is no condition', 'argument of WHERE must be type boolean'],
  ['SELECT 1 FROM users WHERE user_id = 1 AND level', 'text is none', 'argument of AND must be type boolean'],
  ['DELETE FROM users WHERE NOT user_id', 'a number is none', 'argument of NOT must be type boolean'],
  ['SELECT 1 FROM users a JOIN users b ON a.user_id', 'a number is none', 'argument of JOIN/ON must be type boolean'],
  ['SELECT count(*) FROM users HAVING count(*)', 'a number is none', 'argument of HAVING must be type boolean'],
  ['SELECT CASE WHEN user_id THEN 1 END FROM users', 'a number is none', 'argument of CASE/WHEN must be type boolean'],
  [
    `SELECT CASE WHEN true THEN 1 ELSE 'a' END`,
    'a literal takes the type of the others',
    'invalid input syntax for integer: "a"',
  ],
  [
    'SELECT CASE WHEN true THEN level ELSE user_id END FROM users',
    'one type for all',
    'CASE types character varying and integer cannot be matched',
  ],
  [
    'SELECT coalesce(level, user_id) FROM users',
    'one type for all',
    'COALESCE types character varying and integer cannot be matched',
  ],
  [
    'SELECT level FROM users UNION SELECT 1',
    'one type for a column',
    'UNION types character varying and integer cannot be matched',
  ],
  [
    'SELECT * FROM (SELECT at AS a FROM users) x UNION ALL SELECT true',
    'one type for a column',
    'UNION types timestamp without time zone and boolean cannot be matched',
  ],
  [
    `SELECT split_part('a b', ' ', -1)`,
    'counted from the front: SPLIT_PART',
    'field position must be greater than zero',
  ],
  [`SELECT substring('abc', 1, -1)`, 'as in PostgreSQL', 'negative substring length not allowed'],
  [`SELECT "left"('abc', -1)`, 'a positive integer: r_LEFT', 'negative substring length not allowed'],
];

describeRefusals('windows that Redshift does not have', windows);
describeRefusals('correlated subqueries that Redshift does not take', correlations);
describeRefusals('what only the engine below understands', meanings);
