-- The tracks whose song changes by the songs merged above, with the song they get: those that one of these songs matches, and
-- those that have one of them. The rule is that of events/74-merge-resolve-tracks: title, artist name and duration, all three,
-- and of several songs the smallest song_id. A track that no song matches any more gets NULL.
CREATE TEMP TABLE healed_tracks DISTSTYLE ALL AS
SELECT fresh.song_title, fresh.artist_name, fresh.song_duration, fresh.first_played, fresh.last_played, fresh.song_id,
       g.artist_id
FROM (
  SELECT t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played, t.song_id AS old_song_id,
         t.artist_id AS old_artist_id, MIN(s.song_id) AS song_id
  FROM (
    SELECT k.song_title, k.artist_name, k.song_duration, k.first_played, k.last_played, k.song_id, k.artist_id
    FROM :"schema".tracks AS k
    JOIN merge_songs AS m
      ON RTRIM(m.title, ' ') = k.song_title
     AND RTRIM(m.artist_name, ' ') = k.artist_name
     AND m.duration = k.song_duration
    UNION
    SELECT k.song_title, k.artist_name, k.song_duration, k.first_played, k.last_played, k.song_id, k.artist_id
    FROM :"schema".tracks AS k
    JOIN merge_songs AS m ON m.song_id = k.song_id
  ) AS t
  LEFT JOIN :"schema".songs AS s
    ON RTRIM(s.title, ' ') = t.song_title
   AND RTRIM(s.artist_name, ' ') = t.artist_name
   AND s.duration = t.song_duration
  GROUP BY t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played, t.song_id, t.artist_id
) AS fresh
LEFT JOIN :"schema".songs AS g ON g.song_id = fresh.song_id
WHERE COALESCE(fresh.old_song_id || '.', '') <> COALESCE(fresh.song_id || '.', '')
   OR COALESCE(fresh.old_artist_id || '.', '') <> COALESCE(g.artist_id || '.', '')
