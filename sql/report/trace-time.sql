-- One row of time. The time is a literal, so that only its blocks are read.
SELECT DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', t.start_time) AS start_time_ms, t.hour, t.day, t.week, t.month, t.year,
       t.weekday
FROM :"schema"."time" AS t
WHERE t.start_time = TIMESTAMP :'start_time'
