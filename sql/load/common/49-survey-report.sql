-- What the merge must know before it takes the lock: how many rows of each source are rejected, and which times each source
-- touches, as one span and its widest gaps (they number one less than the ranges of a merge). Times are epoch milliseconds. A span counts as reached up to the latest end of all that begin before it, so that spans may overlap. Runs again
-- in the same session when the heal found its spans too narrow; spans that are there twice change nothing.
SELECT 'rejected' AS what, c.source, c.rows_rejected AS low, c.rows_rejected AS high
FROM staging_counts AS c
UNION ALL
SELECT 'span' AS what, p.source, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', MIN(p.first_at)) AS low,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', MAX(p.last_at)) AS high
FROM staging_spans AS p
GROUP BY p.source
UNION ALL
SELECT 'gap' AS what, g.source, g.low, g.high
FROM (
  SELECT w.source, w.low, w.high, ROW_NUMBER() OVER (PARTITION BY w.source ORDER BY w.high - w.low DESC, w.low) AS widest_first
  FROM (
    SELECT r.source, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', r.reached) AS low,
           DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', r.first_at) AS high
    FROM (
      SELECT p.source, p.first_at,
             MAX(p.last_at) OVER (
               PARTITION BY p.source ORDER BY p.first_at, p.last_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
             ) AS reached
      FROM staging_spans AS p
    ) AS r
    WHERE r.first_at > r.reached
  ) AS w
) AS g
WHERE g.widest_first <= 2
