-- Plays that landed before their song, or whose song was corrected. Touched are the plays that carry a song merged above
-- (its title may have changed) and those whose title, artist name and duration equal one. Each gets what a fresh look-up in
-- songs gives, NULL included. Two equi-joins and a UNION, because an OR between them would be a nested loop. This is the one
-- statement that reads the whole fact, and only batches that change songs have it.
CREATE TEMP TABLE healed_songplays DISTKEY (session_id) AS
SELECT fresh.start_time, fresh.session_id, fresh.item_in_session, fresh.song_id, g.artist_id
FROM (
  SELECT t.start_time, t.session_id, t.item_in_session, t.old_song_id, t.old_artist_id, MIN(s.song_id) AS song_id
  FROM (
    SELECT p.start_time, p.session_id, p.item_in_session, p.song_title, p.artist_name, p.song_duration,
           p.song_id AS old_song_id, p.artist_id AS old_artist_id
    FROM :"schema".songplays AS p
    JOIN merge_songs AS m ON m.song_id = p.song_id
    UNION
    SELECT p.start_time, p.session_id, p.item_in_session, p.song_title, p.artist_name, p.song_duration,
           p.song_id AS old_song_id, p.artist_id AS old_artist_id
    FROM :"schema".songplays AS p
    JOIN merge_songs AS m
      ON RTRIM(m.title, ' ') = RTRIM(p.song_title, ' ')
     AND RTRIM(m.artist_name, ' ') = RTRIM(p.artist_name, ' ')
     AND m.duration = p.song_duration
  ) AS t
  LEFT JOIN :"schema".songs AS s
    ON RTRIM(s.title, ' ') = RTRIM(t.song_title, ' ')
   AND RTRIM(s.artist_name, ' ') = RTRIM(t.artist_name, ' ')
   AND s.duration = t.song_duration
  GROUP BY t.start_time, t.session_id, t.item_in_session, t.old_song_id, t.old_artist_id
) AS fresh
LEFT JOIN :"schema".songs AS g ON g.song_id = fresh.song_id
WHERE COALESCE(fresh.old_song_id || '.', '') <> COALESCE(fresh.song_id || '.', '')
   OR COALESCE(fresh.old_artist_id || '.', '') <> COALESCE(g.artist_id || '.', '')
