import { formattedDate, parsingFormat } from './patterns.ts';
import { unsupported } from './refusals.ts';
import { quoteLiteral } from './scope.ts';
import { identifier, stringValue } from './tokens.ts';
import { SqlError } from '../types.ts';
import type { Call, FunctionRule } from './function-rule.ts';

/** Redshift's names and abbreviations of date parts. https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html */
const DATE_PARTS: Record<string, string[]> = {
  epoch: ['epoch'],
  millennium: ['millennium', 'millennia', 'mil', 'mils'],
  century: ['century', 'centuries', 'c', 'cent', 'cents'],
  decade: ['decade', 'decades', 'dec', 'decs'],
  year: ['year', 'years', 'y', 'yr', 'yrs'],
  quarter: ['quarter', 'quarters', 'qtr', 'qtrs'],
  month: ['month', 'months', 'mon', 'mons'],
  week: ['week', 'weeks', 'w'],
  dow: ['dayofweek', 'dow', 'dw', 'weekday'],
  doy: ['dayofyear', 'doy', 'dy', 'yearday'],
  day: ['day', 'days', 'd'],
  hour: ['hour', 'hours', 'h', 'hr', 'hrs'],
  minute: ['minute', 'minutes', 'm', 'min', 'mins'],
  second: ['second', 'seconds', 's', 'sec', 'secs'],
  millisecond: ['millisecond', 'milliseconds', 'millisec', 'millisecs', 'ms', 'msec', 'msecs', 'msecond', 'mseconds'],
  microsecond: ['microsecond', 'microseconds', 'microsec', 'microsecs', 'us', 'usec', 'usecs', 'usecond', 'useconds'],
};

const PART_NAMES = new Map(Object.entries(DATE_PARTS).flatMap(([part, names]) => names.map((name) => [name, part])));

/** The engine's name of a Redshift date part, abbreviated or not. Throws when there is no such part. */
export function datePart(name: string): string {
  const part = PART_NAMES.get(name.toLowerCase());
  if (part === undefined) throw new SqlError(`timestamp units "${name}" not recognized`, '22023');
  return part;
}

function partArgument(call: Call): string {
  const [token, more] = call.tokens[0] ?? [];
  if (!token || more || (token.kind !== 'word' && token.kind !== 'string')) {
    throw unsupported(`${call.name} with a date part that is not a literal`);
  }
  return datePart(token.kind === 'string' ? stringValue(token) : identifier(token));
}

function literalFormat(call: Call, index: number): string {
  const [token, more] = call.tokens[index] ?? [];
  if (token?.kind !== 'string' || more) throw unsupported(`${call.name} with a format that is not a literal`);
  return stringValue(token);
}

const timestamp = (value: string): string => `CAST(${value} AS TIMESTAMP)`;

function dateAdd(call: Call): string {
  const [, count = '', value = ''] = call.args;
  const part = partArgument(call);
  const [unit, factor] = part === 'quarter' ? ['month', ' * 3'] : [part, ''];
  if (['dow', 'doy', 'epoch'].includes(unit)) throw new SqlError(`timestamp units "${part}" not supported`, '0A000');
  return `(${timestamp(value)} + (CAST(${count} AS BIGINT)${factor}) * INTERVAL '1 ${unit}')`;
}

function dateDiff(call: Call): string {
  const [, from = '', to = ''] = call.args;
  return `date_diff('${partArgument(call)}', ${timestamp(from)}, ${timestamp(to)})`;
}

/** GETDATE() is the start of the statement, in whole seconds; a stored expression falls back on the transaction's start. */
function getDate({ now }: Call): string {
  if (now === undefined) return `date_trunc('second', redshift_sysdate())`;
  return `TIMESTAMP '${now.toISOString().slice(0, 19).replace('T', ' ')}'`;
}

function convertTimezone(call: Call): string {
  const [from, to, value] = call.args.length === 3 ? call.args : ["'UTC'", ...call.args];
  return `timezone(${to ?? ''}, timezone(${from ?? ''}, ${timestamp(value ?? '')}))`;
}

function toChar(call: Call): string {
  return formattedDate(call.args[0] ?? '', literalFormat(call, 1));
}

const TRANSACTION_START: FunctionRule = { min: 0, max: 0, rewrite: () => 'redshift_sysdate()' };

/** Date and time functions. https://docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html */
export const TIME_FUNCTIONS: Record<string, FunctionRule> = {
  getdate: { min: 0, max: 0, rewrite: getDate },
  now: TRANSACTION_START,
  dateadd: { min: 3, max: 3, rewrite: dateAdd, takesDatePart: true },
  date_add: { min: 3, max: 3, rewrite: dateAdd, takesDatePart: true },
  datediff: { min: 3, max: 3, rewrite: dateDiff, takesDatePart: true },
  date_diff: { min: 3, max: 3, rewrite: dateDiff, takesDatePart: true },
  date_part: {
    min: 2,
    max: 2,
    takesDatePart: true,
    rewrite: (call) => `CAST(date_part('${partArgument(call)}', ${call.args[1] ?? ''}) AS DOUBLE)`,
  },
  date_trunc: {
    min: 2,
    max: 2,
    takesDatePart: true,
    rewrite: (call) => `date_trunc('${partArgument(call)}', ${timestamp(call.args[1] ?? '')})`,
  },
  last_day: { min: 1, max: 1, rewrite: ({ args }) => `last_day(${timestamp(args[0] ?? '')})` },
  add_months: {
    min: 2,
    max: 2,
    rewrite: ({ args: [value = '', months = ''] }) => `redshift_add_months(${value}, ${months})`,
  },
  to_char: { min: 2, max: 2, rewrite: toChar },
  to_date: {
    min: 2,
    max: 2,
    rewrite: (call) =>
      `CAST(strptime(${call.args[0] ?? ''}, ${quoteLiteral(parsingFormat(literalFormat(call, 1)))}) AS DATE)`,
  },
  to_timestamp: {
    min: 2,
    max: 2,
    rewrite: (call) =>
      `CAST(strptime(${call.args[0] ?? ''}, ${quoteLiteral(parsingFormat(literalFormat(call, 1)))}) AS TIMESTAMPTZ)`,
  },
  convert_timezone: { min: 2, max: 3, rewrite: convertTimezone },
};
