import { SqlError } from '../types.ts';
import type { Conversion } from './conversion.ts';

type TypedConversion = Pick<Conversion, 'value' | 'code'>;

const ZONE = ' ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?)';
const ISO_DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}';

// Redshift's letters on the left, the engine's on the right; longer ones first, since they contain shorter ones.
const LETTERS: [string, string][] = [
  ['YYYY', '%Y'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['MON', '%b'],
  ['MM', '%m'],
  ['DD', '%d'],
  ['HH', '%H'],
  ['MI', '%M'],
  ['SS', '%S'],
  ['US', '%f'],
  ['AM', '%p'],
  ['PM', '%p'],
];

/**
 * The times that both engines hold, in seconds since 1970: Redshift's begin in 4713 BC, the engine's end with the year 294246.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html
 */
const [FIRST_SECOND, LAST_SECOND] = [-210_866_803_200, 9_223_371_244_799];

/**
 * Conversion to TIMESTAMP or TIMESTAMPTZ under a TIMEFORMAT (undefined means the default pattern). A zone in the text
 * is ignored for TIMESTAMP. 'auto' reads the ISO 8601 forms only. Throws SqlError for patterns not supported here.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
 */
export function timestampConversion(format: string | undefined, withZone: boolean): TypedConversion {
  const code = (_text: string, value: string): string => `CASE WHEN ${value} IS NULL THEN 1206 END`;
  const make = withZone ? 'make_timestamptz' : 'make_timestamp';
  if (format === 'epochsecs' || format === 'epochmillisecs') {
    const perSecond = format === 'epochsecs' ? 1 : 1000;
    // As text: the last millisecond is more than a number of JavaScript holds exactly.
    const [least, most] =
      format === 'epochsecs' ? [FIRST_SECOND, LAST_SECOND] : [`${FIRST_SECOND}000`, `${LAST_SECOND}999`];
    const value = (text: string): string =>
      `CASE WHEN regexp_full_match(${text}, '-?[0-9]{1,16}') THEN
        CASE WHEN CAST(${text} AS BIGINT) BETWEEN ${least} AND ${most}
             THEN ${make}(CAST(${text} AS BIGINT) * ${1_000_000 / perSecond}) END END`;
    return { value, code };
  }
  if (format === undefined || format === 'auto') {
    const time =
      format === 'auto'
        ? '([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?'
        : ' [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?';
    return { value: (text) => isoTimestamp(text, `(${ISO_DATE}${time})(${ZONE})?`, withZone), code };
  }
  const pattern = enginePattern('TIMEFORMAT', format);
  const utc = (timestamp: string): string => (withZone ? `timezone('UTC', ${timestamp})` : timestamp);
  return { value: (text) => utc(`TRY_STRPTIME(${text}, '${pattern}')`), code };
}

function isoTimestamp(text: string, pattern: string, withZone: boolean): string {
  const written = `CASE WHEN regexp_full_match(${text}, '${pattern}') THEN ${text} END`;
  const local = `TRY_CAST(regexp_extract(${written}, '^(${pattern})$', 2) AS TIMESTAMP)`;
  if (!withZone) return local;
  return `CASE WHEN regexp_full_match(${text}, '.*[0-9]${ZONE}') AND NOT regexp_full_match(${text}, '${ISO_DATE}')
    THEN TRY_CAST(${written} AS TIMESTAMPTZ) ELSE timezone('UTC', ${local}) END`;
}

/** Conversion to DATE under a DATEFORMAT (undefined means YYYY-MM-DD). Throws SqlError for patterns not supported here. */
export function dateConversion(format: string | undefined): TypedConversion {
  const code = (_text: string, value: string): string => `CASE WHEN ${value} IS NULL THEN 1205 END`;
  if (format === undefined) {
    return {
      value: (text) => `CASE WHEN regexp_full_match(${text}, '${ISO_DATE}') THEN TRY_CAST(${text} AS DATE) END`,
      code,
    };
  }
  if (format === 'auto') {
    const written = (text: string): string => `regexp_extract(${text}, '^(${ISO_DATE})([T ].*)?$', 1)`;
    const value = (text: string): string =>
      `CASE WHEN regexp_full_match(${text}, '[0-9]{8}') THEN CAST(TRY_STRPTIME(${text}, '%Y%m%d') AS DATE) ELSE TRY_CAST(${written(text)} AS DATE) END`;
    return { value, code };
  }
  const pattern = enginePattern('DATEFORMAT', format);
  return { value: (text) => `CAST(TRY_STRPTIME(${text}, '${pattern}') AS DATE)`, code };
}

function enginePattern(option: string, format: string): string {
  let pattern = '';
  for (let at = 0; at < format.length;) {
    const rest = format.slice(at).toUpperCase();
    const found = LETTERS.find(([name]) => rest.startsWith(name));
    const [name, translated] = found ?? [rest.charAt(0), format.charAt(at)];
    if (!found && /[A-Z'%]/.test(name))
      throw new SqlError(`the local warehouse does not support ${option} '${format}'`);
    pattern += translated;
    at += name.length;
  }
  return pattern;
}
