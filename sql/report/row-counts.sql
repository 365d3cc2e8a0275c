-- Rows of each table.
SELECT 1 AS position, 'songplays' AS name, COUNT(*) AS row_count FROM :"schema".songplays
UNION ALL
SELECT 2, 'users', COUNT(*) FROM :"schema".users
UNION ALL
SELECT 3, 'songs', COUNT(*) FROM :"schema".songs
UNION ALL
SELECT 4, 'artists', COUNT(*) FROM :"schema".artists
UNION ALL
SELECT 5, 'time', COUNT(*) FROM :"schema"."time"
UNION ALL
SELECT 6, 'rejected_rows', COUNT(*) FROM :"schema".rejected_rows
ORDER BY position
