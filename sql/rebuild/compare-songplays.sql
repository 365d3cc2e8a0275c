-- The plays by key, in the live star alone (here), in the next one alone (there), or different; batch_id aside. Text is compared as Redshift compares it, without trailing blanks.
SELECT d.kind, COUNT(*) AS row_count, MIN(d.shown) AS first_example, MAX(d.shown) AS last_example
FROM (
  SELECT CASE WHEN n.start_time IS NULL THEN 'here' WHEN l.start_time IS NULL THEN 'there' ELSE 'different' END AS kind,
         CAST(COALESCE(l.start_time, n.start_time) AS VARCHAR(64)) || ' ' || CAST(COALESCE(l.session_id, n.session_id) AS VARCHAR(64)) || ' ' || CAST(COALESCE(l.item_in_session, n.item_in_session) AS VARCHAR(64)) AS shown
  FROM :"schema".songplays AS l
  FULL JOIN :"next".songplays AS n ON n.start_time = l.start_time AND n.session_id = l.session_id AND n.item_in_session = l.item_in_session
  WHERE n.start_time IS NULL OR l.start_time IS NULL
     OR CASE WHEN (l.user_id = n.user_id OR (l.user_id IS NULL AND n.user_id IS NULL))
              AND (l.level = n.level OR (l.level IS NULL AND n.level IS NULL))
              AND (l.song_id = n.song_id OR (l.song_id IS NULL AND n.song_id IS NULL))
              AND (l.artist_id = n.artist_id OR (l.artist_id IS NULL AND n.artist_id IS NULL))
              AND (l.location = n.location OR (l.location IS NULL AND n.location IS NULL))
              AND (l.user_agent = n.user_agent OR (l.user_agent IS NULL AND n.user_agent IS NULL))
              AND (l.song_title = n.song_title OR (l.song_title IS NULL AND n.song_title IS NULL))
              AND (l.artist_name = n.artist_name OR (l.artist_name IS NULL AND n.artist_name IS NULL))
              AND (l.song_duration = n.song_duration OR (l.song_duration IS NULL AND n.song_duration IS NULL))
             THEN 0 ELSE 1 END = 1
) AS d
GROUP BY d.kind
ORDER BY d.kind
