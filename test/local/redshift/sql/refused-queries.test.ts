import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

const queries: Refusal[] = [
  [
    'SELECT * FROM pg_table_def',
    'Redshift has it, this stand-in has not',
    'does not support the system table pg_table_def',
  ],
  ['SELECT * FROM svv_table_info, users', 'the leader node has a part in it', 'svv_table_info is answered by'],
  ['CREATE VIEW known AS SELECT column_name FROM svv_columns', 'nor kept as a view', 'svv_columns is answered by'],
  ['SELECT * FROM information_schema.tables', 'Redshift has it', 'ListTables and DescribeTable tell what there is'],
  ['SELECT generate_series(1, 3) FROM users', 'leader-node function', 'does not support'],
  ['SELECT * FROM generate_series(1, 3)', 'no functions as tables', 'does not support'],
  [
    'SELECT frobnicate(1)',
    'what is not known is not passed on',
    'the local warehouse does not support the function frobnicate',
  ],
  ['SELECT epoch_ms(1)', 'a function of the engine below', 'function epoch_ms does not exist'],
  [`SELECT * FROM read_json('x')`, 'a function of the engine below', 'does not support functions as tables'],
  [
    'SELECT level FROM users WHERE level ~ first_name',
    'patterns are translated, so they must be literals',
    'not a literal',
  ],
  ['SELECT user_id INTO copy_of_users FROM users', 'CREATE TABLE … AS does it', 'does not support SELECT … INTO'],
  ['SELECT rowid FROM users', 'a hidden column of the engine below', 'does not support columns called rowid'],
  [`SELECT to_char(at, 'FMDay') FROM users`, 'formats are translated', 'does not support the date format'],
  ['SELECT :batch_id', 'parameters are put in before', 'syntax error at or near ":"'],
];

describeRefusals('SELECTs that Redshift refuses, or that are not known here', queries);
