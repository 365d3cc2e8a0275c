-- The artists by key, as compare-songplays does. Text is compared as Redshift compares it, without trailing blanks.
SELECT d.kind, COUNT(*) AS row_count, MIN(d.shown) AS first_example, MAX(d.shown) AS last_example
FROM (
  SELECT CASE WHEN n.artist_id IS NULL THEN 'here' WHEN l.artist_id IS NULL THEN 'there' ELSE 'different' END AS kind,
         CAST(COALESCE(l.artist_id, n.artist_id) AS VARCHAR(64)) AS shown
  FROM :"schema".artists AS l
  FULL JOIN :"next".artists AS n ON n.artist_id = l.artist_id
  WHERE n.artist_id IS NULL OR l.artist_id IS NULL
     OR CASE WHEN (l.name = n.name OR (l.name IS NULL AND n.name IS NULL))
              AND (l.location = n.location OR (l.location IS NULL AND n.location IS NULL))
              AND (l.latitude = n.latitude OR (l.latitude IS NULL AND n.latitude IS NULL))
              AND (l.longitude = n.longitude OR (l.longitude IS NULL AND n.longitude IS NULL))
              AND (l.source_song_id = n.source_song_id OR (l.source_song_id IS NULL AND n.source_song_id IS NULL))
             THEN 0 ELSE 1 END = 1
) AS d
GROUP BY d.kind
ORDER BY d.kind
