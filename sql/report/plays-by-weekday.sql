-- Plays by weekday, 0 is Sunday.
SELECT t.weekday, COUNT(*) AS plays
FROM :"schema".songplays AS p
JOIN :"schema"."time" AS t ON t.start_time = p.start_time
GROUP BY t.weekday
ORDER BY t.weekday
