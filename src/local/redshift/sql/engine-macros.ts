import type { MacroUses } from './complexity.ts';

/** The longest text there is. https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
const LONGEST = 65_535;

/** What says that a text would be longer. */
const TOO_LONG = `error('value too long for type character varying(${LONGEST})')`;

/**
 * Functions the engine lacks, written in its own language. They live in the database file, so that views and defaults
 * that use them still work when the file is opened without this program. An argument is put wherever a macro names it, which
 * multiplies the time that the engine plans: what is called often, and inside of each other, names each of its own but once,
 * by giving it to a lambda.
 */
export const ENGINE_MACROS: readonly string[] = [
  // Redshift fails where the engine answers NULL.
  `redshift_divisor(x) AS CASE WHEN x = 0 THEN error('division by zero') ELSE x END`,
  `redshift_sysdate() AS timezone('UTC', now())`,
  // The engine rounds '1.5' to an integer; Redshift refuses the text and rounds only numbers.
  `redshift_integral(x) AS CASE WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '\\s*[-+]?[0-9]+\\s*')
     THEN error('invalid input syntax for integer: "' || CAST(x AS VARCHAR) || '"') ELSE x END`,
  `redshift_integral_or_null(x) AS CASE WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '\\s*[-+]?[0-9]+\\s*')
     THEN NULL ELSE x END`,
  // Casts to a length in bytes cut without splitting a character: of one byte more, the last character goes, or what there is of it.
  `redshift_cut(x, n) AS list_transform([CAST(x AS VARCHAR)], lambda redshift_text: CASE
     WHEN strlen(redshift_text) <= n THEN redshift_text
     ELSE decode(unhex(regexp_replace("left"(hex(redshift_text), 2 * n + 2), '[0-7C-F].([89AB].){0,3}$', ''))) END)[1]`,
  `redshift_quote_literal(x) AS '''' || replace(x, '''', '''''') || ''''`,
  // The last day of a month stays the last day.
  `redshift_add_months(x, n) AS CASE WHEN CAST(x AS DATE) = last_day(CAST(x AS DATE))
     THEN CAST(last_day(CAST(x AS DATE) + CAST(n AS BIGINT) * INTERVAL '1 month') AS TIMESTAMP)
     ELSE CAST(x AS TIMESTAMP) + CAST(n AS BIGINT) * INTERVAL '1 month' END`,
  // What would be too long is not made first: the engine works out all branches of constants.
  `redshift_repeat(x, n) AS CASE WHEN n IS NULL THEN NULL WHEN strlen(x) > 0 AND n > ${LONGEST} // greatest(strlen(x), 1) THEN ${TOO_LONG}
     ELSE repeat(x, least(n, ${LONGEST} // greatest(strlen(x), 1))) END`,
  ...['lpad', 'rpad'].map(
    (
      pad,
    ) => `redshift_${pad}(x, n, fill) AS CASE WHEN n IS NULL OR fill IS NULL THEN NULL WHEN n > ${LONGEST} THEN ${TOO_LONG}
     WHEN n <= 0 THEN "left"(x, 0) WHEN fill = '' THEN "left"(x, n)
     ELSE ${pad}(x, CAST(greatest(least(n, ${LONGEST}), 0) AS INTEGER), CASE WHEN fill = '' THEN ' ' ELSE fill END) END`,
  ),
  // Only the length of what would be too long is worked out.
  `redshift_replace(x, part, other) AS list_transform([{'x': x, 'part': part, 'other': other}], lambda redshift_given: CASE
     WHEN redshift_given.part <> '' AND strlen(redshift_given.x)
       + (strlen(redshift_given.x) - strlen(replace(redshift_given.x, redshift_given.part, ''))) // greatest(strlen(redshift_given.part), 1)
       * (strlen(redshift_given.other) - strlen(redshift_given.part)) > ${LONGEST} THEN ${TOO_LONG}
     ELSE replace(redshift_given.x, redshift_given.part, redshift_given.other) END)[1]`,
  `redshift_listed(x) AS CASE WHEN strlen(x) > ${LONGEST} THEN error('Result size exceeds LISTAGG limit') ELSE x END`,
  // The engine counts from the end where a place is negative.
  `redshift_split_part(x, delimiter, n) AS CASE WHEN n <= 0 THEN error('field position must be greater than zero')
     WHEN n IS NULL THEN NULL ELSE split_part(x, delimiter, n) END`,
  `redshift_substring_from(x, start) AS substring(x, CASE WHEN start < 1 THEN 1 ELSE start END)`,
  `redshift_substring(x, start, n) AS CASE WHEN n < 0 THEN error('negative substring length not allowed')
     WHEN start >= 1 THEN substring(x, start, n) WHEN n IS NULL OR start IS NULL THEN NULL
     ELSE "left"(x, greatest(n + start - 1, 0)) END`,
  `redshift_length(n) AS CASE WHEN n < 0 THEN error('negative substring length not allowed') ELSE n END`,
  // The engine looks for the place of every % anew at every other one; with two it is done in time.
  `redshift_pattern(x) AS CASE WHEN length(x) - length(replace(x, '%', '')) > 2
     THEN error('the local warehouse does not support patterns with more than two % that are no literals') ELSE x END`,
];

/** How often each of them uses an argument, at most, where that is more than once. */
export const MACRO_USES: MacroUses = {
  redshift_divisor: 2,
  redshift_integral: 4,
  redshift_integral_or_null: 3,
  redshift_add_months: 4,
  redshift_repeat: 5,
  redshift_lpad: 4,
  redshift_rpad: 4,
  redshift_listed: 2,
  redshift_split_part: 2,
  redshift_substring: 3,
  redshift_pattern: 3,
};
