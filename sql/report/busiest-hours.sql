-- The hours of the day (UTC) with the most plays.
SELECT t.hour, COUNT(*) AS plays
FROM :"schema".songplays AS p
JOIN :"schema"."time" AS t ON t.start_time = p.start_time
GROUP BY t.hour
ORDER BY plays DESC, t.hour
LIMIT 5
