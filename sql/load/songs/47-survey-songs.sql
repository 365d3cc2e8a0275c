-- When the tracks were played whose song these songs change: a track that one of them matches, unless it has that song and
-- artist already or a song with a smaller id; and a track that has one of them but that no longer matches it. Usually there is
-- none, and the merge does not touch songplays for these songs at all. Two joins and a UNION ALL, because an OR between them
-- would be a nested loop. Other loads may change tracks until the merge holds the lock; songs/67-heal-check-covered sees that.
INSERT INTO staging_spans (source, first_at, last_at)
SELECT 'songs', t.first_played, t.last_played
FROM :"schema".tracks AS t
JOIN picked_songs AS p
  ON RTRIM(p.title, ' ') = t.song_title
 AND RTRIM(p.artist_name, ' ') = t.artist_name
 AND p.duration = t.song_duration
WHERE t.song_id IS NULL
   OR p.song_id < t.song_id
   OR (p.song_id = t.song_id AND COALESCE(p.artist_id || '.', '') <> COALESCE(t.artist_id || '.', ''))
UNION ALL
SELECT 'songs', t.first_played, t.last_played
FROM :"schema".tracks AS t
JOIN picked_songs AS p ON p.song_id = t.song_id
WHERE COALESCE(RTRIM(p.title, ' ') || '.', '') <> t.song_title || '.'
   OR COALESCE(RTRIM(p.artist_name, ' ') || '.', '') <> t.artist_name || '.'
   OR DECODE(p.duration, t.song_duration, 0, 1) = 1
