-- The start times of these plays that time does not have yet, split into UTC parts. week is the ISO week, weekday 0 is Sunday.
CREATE TEMP TABLE :"merge_time" DISTKEY (start_time) AS
SELECT m.start_time,
       CAST(EXTRACT(hour FROM m.start_time) AS SMALLINT) AS hour,
       CAST(EXTRACT(day FROM m.start_time) AS SMALLINT) AS day,
       CAST(EXTRACT(week FROM m.start_time) AS SMALLINT) AS week,
       CAST(EXTRACT(month FROM m.start_time) AS SMALLINT) AS month,
       CAST(EXTRACT(year FROM m.start_time) AS SMALLINT) AS year,
       CAST(EXTRACT(dow FROM m.start_time) AS SMALLINT) AS weekday
FROM (SELECT DISTINCT s.start_time FROM :"merge_songplays" AS s) AS m
LEFT JOIN :"schema"."time" AS known ON known.start_time = m.start_time
 AND known.start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'
WHERE known.start_time IS NULL
