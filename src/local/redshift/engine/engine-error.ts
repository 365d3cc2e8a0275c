import { SqlError } from '../types.ts';

type Wording = { pattern: RegExp; sqlState: string; message: (found: RegExpExecArray) => string };

/** The engine's messages and what Redshift says in the same place; the first that fits wins. */
const WORDINGS: Wording[] = [
  {
    pattern: /CHECK constraint failed on table .* with expression CHECK\(\(strlen\(.+\) <= (\d+)\)\)/,
    sqlState: '22001',
    message: ([, bytes]) => `value too long for type character varying(${bytes ?? ''})`,
  },
  {
    pattern: /CHECK constraint failed on table .* with expression CHECK\(\((\d+) >= strlen\(/,
    sqlState: '22001',
    message: ([, bytes]) => `value too long for type character(${bytes ?? ''})`,
  },
  {
    pattern: /CHECK constraint failed on table .* with expression CHECK\(\(length\(/,
    sqlState: '22021',
    message: () => 'CHAR string contains invalid ASCII character',
  },
  {
    pattern: /NOT NULL constraint failed: (?:.+)\.(\w+)/,
    sqlState: '23502',
    message: ([, column]) => `Cannot insert a NULL value into column ${column ?? ''}`,
  },
  {
    pattern: /Table with name "?([^"\s]+)"? does not exist/,
    sqlState: '42P01',
    message: ([, name]) => `relation "${name ?? ''}" does not exist`,
  },
  {
    pattern: /Schema with name "?([^"\s]+)"? does not exist|schema named "?([^"\s]+)"?/i,
    sqlState: '3F000',
    message: ([, name, other]) => `schema "${name ?? other ?? ''}" does not exist`,
  },
  {
    pattern: /Schema with name "?([^"\s]+)"? already exists/,
    sqlState: '42P06',
    message: ([, name]) => `schema "${name ?? ''}" already exists`,
  },
  {
    pattern: /Table with name "?([^"\s]+)"? already exists/,
    sqlState: '42P07',
    message: ([, name]) => `Relation "${name ?? ''}" already exists`,
  },
  {
    pattern: /Cannot drop (?:entry|schema) "?([^"\s]+)"? because/i,
    sqlState: '2BP01',
    message: ([, name]) => `cannot drop ${name ?? ''} because other objects depend on it`,
  },
  {
    pattern: /Referenced column "(.+?)" (?:was )?not found/,
    sqlState: '42703',
    message: ([, name]) => `column "${name ?? ''}" does not exist`,
  },
  {
    pattern: /Table "(.+?)" does not have a column named "(.+?)"/,
    sqlState: '42703',
    message: ([, table, name]) => `column ${table ?? ''}.${name ?? ''} does not exist`,
  },
  {
    pattern: /Referenced table "(.+?)" not found/,
    sqlState: '42P01',
    message: ([, name]) => `missing FROM-clause entry for table "${name ?? ''}"`,
  },
  {
    pattern: /Ambiguous reference to column name "(.+?)"/,
    sqlState: '42702',
    message: ([, name]) => `column reference "${name ?? ''}" is ambiguous`,
  },
  {
    pattern: /column "(.+?)" must appear in the GROUP BY clause/,
    sqlState: '42803',
    message: ([, name]) =>
      `column "${name ?? ''}" must appear in the GROUP BY clause or be used in an aggregate function`,
  },
  {
    pattern: /(?:Conflict on |Transaction conflict|write-write conflict)/i,
    sqlState: 'XX000',
    message: () => '1023 DETAIL: Serializable isolation violation on table in Redshift',
  },
  // Names of files and their locations are not revealed.
  { pattern: /Permission Error:/, sqlState: '42501', message: () => 'permission denied' },
  { pattern: /division by zero/, sqlState: '22012', message: () => 'Divide by zero' },
  {
    pattern: /invalid input syntax for integer: ".*"/,
    sqlState: '22P02',
    message: ([text]) => text,
  },
  {
    pattern: /Could not convert string ['"](.*)['"] to (?:INT\d+|DECIMAL|DOUBLE|FLOAT)/s,
    sqlState: '22P02',
    message: ([, text]) => `invalid input syntax for numeric: "${text ?? ''}"`,
  },
  {
    pattern: /value -?[\d.]+ can't be cast because the value is out of range/,
    sqlState: '22003',
    message: () => 'Numeric data overflow (result precision)',
  },
  {
    pattern: /Overflow in|Could not cast value .* to DECIMAL/,
    sqlState: '22003',
    message: () => 'Numeric data overflow (result precision)',
  },
  {
    pattern: /(?:date|timestamp) field value out of range: "(.*?)"/i,
    sqlState: '22008',
    message: ([, value]) => `date/time field value out of range: "${value ?? ''}"`,
  },
  {
    pattern: /invalid (date|timestamp) field format: "(.*?)"/i,
    sqlState: '22007',
    message: ([, type, value]) => `invalid input syntax for type ${type?.toLowerCase() ?? ''}: "${value ?? ''}"`,
  },
  {
    pattern: /No function matches the given name and argument types '(.+?)'/,
    sqlState: '42883',
    message: ([, call]) => `function ${call ?? ''} does not exist`,
  },
  {
    pattern: /More than one row returned by a subquery/,
    sqlState: '21000',
    message: () => 'more than one row returned by a subquery used as an expression',
  },
];

/**
 * Translates an error of the engine into what a Redshift client reads. SqlErrors pass unchanged; an engine error
 * without a counterpart keeps its own first line.
 */
export function engineError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const text = error instanceof Error ? error.message : String(error);
  for (const { pattern, sqlState, message } of WORDINGS) {
    const found = pattern.exec(text);
    if (found) return new SqlError(message(found), sqlState);
  }
  const [firstLine = ''] = text.split('\n');
  return new SqlError(firstLine.replace(/^(?:Error: )?[A-Z][A-Za-z ]+ Error: /, ''));
}

/** Throws the error again unless it says that there is no transaction to end. */
export function ignoreNoTransaction(error: unknown): void {
  if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
}
