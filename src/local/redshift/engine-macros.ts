/**
 * Functions the engine lacks, written in its own language. They live in the database file, so that views and defaults
 * that use them still work when the file is opened without this program.
 */
export const engineMacros: readonly string[] = [
  // Redshift fails where the engine answers NULL.
  `redshift_divisor(x) AS CASE WHEN x = 0 THEN error('division by zero') ELSE x END`,
  `redshift_sysdate() AS timezone('UTC', now())`,
  // The engine rounds '1.5' to an integer; Redshift refuses the text and rounds only numbers.
  `redshift_integral(x) AS CASE WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '\\s*[-+]?[0-9]+\\s*')
     THEN error('invalid input syntax for integer: "' || CAST(x AS VARCHAR) || '"') ELSE x END`,
  `redshift_integral_or_null(x) AS CASE WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '\\s*[-+]?[0-9]+\\s*')
     THEN NULL ELSE x END`,
  // Casts to a length in bytes cut without splitting a character; the search for the cut is for multibyte text only.
  `redshift_cut(x, n) AS CASE
     WHEN strlen(CAST(x AS VARCHAR)) <= n THEN CAST(x AS VARCHAR)
     WHEN strlen(CAST(x AS VARCHAR)) = length(CAST(x AS VARCHAR)) THEN "left"(CAST(x AS VARCHAR), n)
     ELSE "left"(CAST(x AS VARCHAR), list_max(list_filter(range(0, n + 1), lambda k: strlen("left"(CAST(x AS VARCHAR), k)) <= n))) END`,
  `redshift_quote_literal(x) AS '''' || replace(x, '''', '''''') || ''''`,
  // The last day of a month stays the last day.
  `redshift_add_months(x, n) AS CASE WHEN CAST(x AS DATE) = last_day(CAST(x AS DATE))
     THEN CAST(last_day(CAST(x AS DATE) + CAST(n AS BIGINT) * INTERVAL '1 month') AS TIMESTAMP)
     ELSE CAST(x AS TIMESTAMP) + CAST(n AS BIGINT) * INTERVAL '1 month' END`,
];
