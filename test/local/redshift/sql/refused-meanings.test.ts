import { describeRefusals } from './refusal-table.ts';
import type { Refusal } from './refusal-table.ts';

const meanings: Refusal[] = [
  ['SELECT (1, 2)', 'a row is no value', 'does not support rows as values'],
  [
    'SELECT memory.users.level FROM users',
    'a database of the engine below',
    'missing FROM-clause entry for table "users"',
  ],
];

describeRefusals('what only the engine below understands', meanings);
