-- How many rows the five tables have.
SELECT 'songplays' AS table_name, COUNT(*) AS row_count FROM :"schema".songplays AS p
UNION ALL SELECT 'users', COUNT(*) FROM :"schema".users AS u
UNION ALL SELECT 'songs', COUNT(*) FROM :"schema".songs AS s
UNION ALL SELECT 'artists', COUNT(*) FROM :"schema".artists AS a
UNION ALL SELECT 'time', COUNT(*) FROM :"schema"."time" AS t
