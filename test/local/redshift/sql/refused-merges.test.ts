import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

const mergeHead = 'MERGE INTO users USING stage s ON users.user_id = s.user_id';
const matched = 'WHEN MATCHED THEN UPDATE SET level = s.level';
const notMatched = 'WHEN NOT MATCHED THEN INSERT (user_id) VALUES (s.user_id)';

/** What stands in ON beside an equality and is no comparison of a target's column with a literal. */
const notBounds: [condition: string, why: string, message: string][] = [
  ['OR users.user_id > 5', 'AND only', 'syntax error at or near "OR"'],
  ['AND (users.user_id > 5 OR users.user_id < 3)', 'AND only', 'syntax error at or near "OR"'],
  ['AND s.user_id > 5', 'a source column with a literal', 'only a column of the target is compared with a literal'],
  [
    `AND s.at BETWEEN '2018-01-01' AND '2019-01-01'`,
    'a source column with a range',
    'syntax error at or near "BETWEEN"',
  ],
  ['AND 5 < users.user_id', 'the literal first', 'syntax error at or near "5"'],
  ['AND 1 = 1', 'literals only', 'syntax error at or near "1"'],
  ['AND TRUE', 'no comparison', 'syntax error at or near "TRUE"'],
  ['AND users.user_id', 'no comparison', 'syntax error at or near "WHEN"'],
  ['AND users.user_id > 2 + 3', 'an expression', 'syntax error at or near "+"'],
  [`AND users.at > '2018-01-01'::timestamp`, 'a cast of a literal', 'syntax error at or near "::"'],
  [`AND users.at > CAST('2018-01-01' AS timestamp)`, 'a cast of a literal', 'syntax error at or near ">"'],
  ['AND users.user_id::bigint > 5', 'a cast of a column', 'syntax error at or near "::"'],
  ['AND abs(users.user_id) > 5', 'a function of a column', 'syntax error at or near "("'],
  ['AND users.at > getdate()', 'a function', 'syntax error at or near ">"'],
  ['AND users.at > SYSDATE', 'the clock', 'syntax error at or near ">"'],
  ['AND users.user_id > (SELECT 5)', 'a subquery', 'syntax error at or near ">"'],
  ['AND users.user_id = (SELECT 5)', 'a subquery', 'MERGE matches by plain columns only'],
  ['AND users.user_id IN (5, 6)', 'a list', 'syntax error at or near "IN"'],
  ['AND users.user_id NOT BETWEEN 5 AND 6', 'outside of a range', 'syntax error at or near "NOT"'],
  ['AND NOT users.user_id = 5', 'a negation', 'syntax error at or near "NOT"'],
  ['AND users.user_id BETWEEN 5 AND s.user_id', 'a range up to a column', 'bounds its target by literals only'],
  ['AND users.user_id BETWEEN s.user_id AND 5', 'a range from a column', 'bounds its target by literals only'],
  ['AND users.user_id BETWEEN 5 AND 2 + 3', 'a range up to an expression', 'syntax error at or near "+"'],
  ['AND users.user_id BETWEEN SYMMETRIC 6 AND 5', 'SYMMETRIC', 'bounds its target by literals only'],
  ['AND users.user_id > NULL', 'NULL', 'syntax error at or near ">"'],
  ['AND users.at IS NULL', 'IS', 'syntax error at or near "IS"'],
  ['AND users.at IS NOT NULL', 'IS', 'syntax error at or near "IS"'],
  [`AND users.level LIKE 'f%'`, 'LIKE', 'syntax error at or near "LIKE"'],
  ['AND users.user_id > users.user_id', 'two columns of the target', 'syntax error at or near ">"'],
  ['AND users.user_id = users.user_id', 'two columns of the target', 'unsupported MERGE condition'],
  [`AND users.at > INTERVAL '1 day'`, 'an interval', 'syntax error at or near ">"'],
  ['AND users.user_id > :least', 'a parameter', 'syntax error at or near ">"'],
  ['AND users.user_id > - - 5', 'two signs', 'syntax error at or near ">"'],
  ['AND user_id > 5', 'a column without its table', 'unqualified columns in the ON of MERGE'],
  ['AND users.nosuch > 5', 'an unknown column', 'column "nosuch" of relation "users" does not exist'],
  ['AND other.user_id > 5', 'an unknown table', 'missing FROM-clause entry for table "other"'],
  ['AND (users.user_id > 5', 'an open parenthesis', 'syntax error at or near "WHEN"'],
];

const bounds: Refusal[] = [
  ...notBounds.map(([condition, why, message]): Refusal => [
    `${mergeHead} ${condition} ${matched} ${notMatched}`,
    why,
    message,
  ]),
  [
    `MERGE INTO users USING stage s ON users.user_id > 5 ${matched} ${notMatched}`,
    'an equality of columns is needed',
    'MERGE needs an equality of a target and a source column',
  ],
];

const merges: Refusal[] = [
  [
    `MERGE INTO users AS u USING stage s ON u.user_id = s.user_id ${matched} ${notMatched}`,
    'the target has no alias',
    'syntax error at or near "AS"',
  ],
  [
    `MERGE INTO users u USING stage s ON u.user_id = s.user_id ${matched} ${notMatched}`,
    'the target has no alias',
    'syntax error at or near "u"',
  ],
  [
    `${mergeHead} ${matched}`,
    'both WHEN clauses are needed',
    'MERGE statement with a single WHEN clause is not enabled.',
  ],
  [
    `${mergeHead} ${notMatched}`,
    'both WHEN clauses are needed',
    'MERGE statement with a single WHEN clause is not enabled.',
  ],
  [`${mergeHead} ${notMatched} ${matched}`, 'the order is fixed', 'WHEN MATCHED comes before WHEN NOT MATCHED'],
  [mergeHead, 'something must happen', 'syntax error'],
  [
    `${mergeHead} WHEN MATCHED AND s.level = 'x' THEN DELETE ${notMatched}`,
    'no conditions on WHEN',
    'syntax error at or near "AND"',
  ],
  [
    `${mergeHead} ${matched} WHEN NOT MATCHED AND true THEN INSERT VALUES (1)`,
    'no conditions on WHEN',
    'syntax error at or near "AND"',
  ],
  [
    `${mergeHead} ${matched} WHEN MATCHED THEN DELETE ${notMatched}`,
    'one WHEN MATCHED',
    'syntax error at or near "MATCHED"',
  ],
  [`${mergeHead} WHEN MATCHED THEN DO NOTHING ${notMatched}`, 'no DO NOTHING', 'syntax error at or near "DO"'],
  [`${mergeHead} ${matched} WHEN NOT MATCHED BY SOURCE THEN DELETE`, 'no BY SOURCE', 'syntax error at or near "BY"'],
  [
    `${mergeHead} WHEN MATCHED THEN UPDATE SET users.level = s.level ${notMatched}`,
    'SET takes bare columns',
    'syntax error at or near "."',
  ],
  [
    `${mergeHead} ${matched} WHEN NOT MATCHED THEN INSERT (users.user_id) VALUES (1)`,
    'INSERT takes bare columns',
    'syntax error at or near "."',
  ],
  [
    `${mergeHead} REMOVE DUPLICATES ${matched} ${notMatched}`,
    'either WHEN or REMOVE DUPLICATES',
    'syntax error at or near "WHEN"',
  ],
  [`${mergeHead} ${matched} ${notMatched} RETURNING user_id`, 'no RETURNING', 'syntax error at or near "RETURNING"'],
  [
    `MERGE INTO users USING stage s ON users.user_id < s.user_id ${matched} ${notMatched}`,
    'equality only',
    'syntax error at or near "<"',
  ],
  [
    `MERGE INTO users USING stage s ON users.user_id = s.user_id OR users.level = s.level ${matched} ${notMatched}`,
    'AND only',
    'syntax error at or near "OR"',
  ],
  [
    `MERGE INTO users USING stage s ON users.level = rtrim(s.level) ${matched} ${notMatched}`,
    'columns only',
    'syntax error at or near "("',
  ],
  ...bounds,
  [
    `MERGE INTO users USING (WITH x AS (SELECT 1 AS user_id) SELECT * FROM x) s ON users.user_id = s.user_id ${matched} ${notMatched}`,
    'no WITH',
    'syntax error',
  ],
  [
    `WITH s AS (SELECT * FROM stage) ${mergeHead} ${matched} ${notMatched}`,
    'no WITH',
    'syntax error at or near "MERGE"',
  ],
  [
    `MERGE INTO users USING (SELECT user_id, level FROM users) s ON users.user_id = s.user_id ${matched} ${notMatched}`,
    'the source must not read the target',
    'Source view/subquery in Merge statement cannot reference target table.',
  ],
  [
    `MERGE INTO users USING users s ON users.user_id = s.user_id ${matched} ${notMatched}`,
    'source and target differ',
    'cannot be the same table',
  ],
  [
    `MERGE INTO names USING stage s ON names.first_name = s.first_name ${matched} ${notMatched}`,
    'the target is a table',
    'cannot change view',
  ],
  [
    `MERGE INTO users USING nosuch s ON users.user_id = s.user_id ${matched} ${notMatched}`,
    'the source exists',
    'relation "nosuch" does not exist',
  ],
];

describeRefusals('MERGEs that Redshift refuses', merges);
