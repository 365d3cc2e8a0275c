import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

const mergeHead = 'MERGE INTO users USING stage s ON users.user_id = s.user_id';
const matched = 'WHEN MATCHED THEN UPDATE SET level = s.level';
const notMatched = 'WHEN NOT MATCHED THEN INSERT (user_id) VALUES (s.user_id)';

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
