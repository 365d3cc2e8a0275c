-- The times by key, as compare-songplays does. Text is compared as Redshift compares it, without trailing blanks.
SELECT d.kind, COUNT(*) AS row_count, MIN(d.shown) AS first_example, MAX(d.shown) AS last_example
FROM (
  SELECT CASE WHEN n.start_time IS NULL THEN 'here' WHEN l.start_time IS NULL THEN 'there' ELSE 'different' END AS kind,
         CAST(COALESCE(l.start_time, n.start_time) AS VARCHAR(64)) AS shown
  FROM :"schema"."time" AS l
  FULL JOIN :"next"."time" AS n ON n.start_time = l.start_time
  WHERE n.start_time IS NULL OR l.start_time IS NULL
     OR CASE WHEN (l.hour = n.hour OR (l.hour IS NULL AND n.hour IS NULL))
              AND (l.day = n.day OR (l.day IS NULL AND n.day IS NULL))
              AND (l.week = n.week OR (l.week IS NULL AND n.week IS NULL))
              AND (l.month = n.month OR (l.month IS NULL AND n.month IS NULL))
              AND (l.year = n.year OR (l.year IS NULL AND n.year IS NULL))
              AND (l.weekday = n.weekday OR (l.weekday IS NULL AND n.weekday IS NULL))
             THEN 0 ELSE 1 END = 1
) AS d
GROUP BY d.kind
ORDER BY d.kind
