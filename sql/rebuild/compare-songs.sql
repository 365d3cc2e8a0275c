-- The songs by key, as compare-songplays does. Text is compared as Redshift compares it, without trailing blanks.
SELECT d.kind, COUNT(*) AS row_count, MIN(d.shown) AS first_example, MAX(d.shown) AS last_example
FROM (
  SELECT CASE WHEN n.song_id IS NULL THEN 'here' WHEN l.song_id IS NULL THEN 'there' ELSE 'different' END AS kind,
         CAST(COALESCE(l.song_id, n.song_id) AS VARCHAR(64)) AS shown
  FROM :"schema".songs AS l
  FULL JOIN :"next".songs AS n ON n.song_id = l.song_id
  WHERE n.song_id IS NULL OR l.song_id IS NULL
     OR CASE WHEN (l.title = n.title OR (l.title IS NULL AND n.title IS NULL))
              AND (l.artist_id = n.artist_id OR (l.artist_id IS NULL AND n.artist_id IS NULL))
              AND (l.year = n.year OR (l.year IS NULL AND n.year IS NULL))
              AND (l.duration = n.duration OR (l.duration IS NULL AND n.duration IS NULL))
              AND (l.artist_name = n.artist_name OR (l.artist_name IS NULL AND n.artist_name IS NULL))
              AND (l.artist_location = n.artist_location OR (l.artist_location IS NULL AND n.artist_location IS NULL))
              AND (l.artist_latitude = n.artist_latitude OR (l.artist_latitude IS NULL AND n.artist_latitude IS NULL))
              AND (l.artist_longitude = n.artist_longitude OR (l.artist_longitude IS NULL AND n.artist_longitude IS NULL))
             THEN 0 ELSE 1 END = 1
) AS d
GROUP BY d.kind
ORDER BY d.kind
