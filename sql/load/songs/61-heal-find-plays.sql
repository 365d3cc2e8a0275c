-- Plays that landed before their song, or whose song was corrected. Touched are the plays of a track resolved above, and those
-- that carry a song merged above but are of another track: it was theirs until it was corrected. These are looked up in songs
-- afresh, and get NULL where nothing fits any more. Two equi-joins and a UNION, because an OR between them would be a nested
-- loop. This is the one statement that reads the whole fact, and only batches that change songs have it.
CREATE TEMP TABLE healed_songplays DISTKEY (session_id) AS
SELECT fresh.start_time, fresh.session_id, fresh.item_in_session, fresh.song_id, fresh.artist_id
FROM (
  SELECT p.start_time, p.session_id, p.item_in_session, p.song_id AS old_song_id, p.artist_id AS old_artist_id, t.song_id,
         t.artist_id
  FROM :"schema".songplays AS p
  JOIN healed_tracks AS t
    ON t.song_title = RTRIM(p.song_title, ' ')
   AND t.artist_name = RTRIM(p.artist_name, ' ')
   AND t.song_duration = p.song_duration
  UNION ALL
  SELECT o.start_time, o.session_id, o.item_in_session, o.old_song_id, o.old_artist_id, o.song_id, g.artist_id
  FROM (
    SELECT p.start_time, p.session_id, p.item_in_session, p.song_id AS old_song_id, p.artist_id AS old_artist_id,
           MIN(s.song_id) AS song_id
    FROM :"schema".songplays AS p
    JOIN merge_songs AS m ON m.song_id = p.song_id
    LEFT JOIN healed_tracks AS t
      ON t.song_title = RTRIM(p.song_title, ' ')
     AND t.artist_name = RTRIM(p.artist_name, ' ')
     AND t.song_duration = p.song_duration
    LEFT JOIN :"schema".songs AS s
      ON RTRIM(s.title, ' ') = RTRIM(p.song_title, ' ')
     AND RTRIM(s.artist_name, ' ') = RTRIM(p.artist_name, ' ')
     AND s.duration = p.song_duration
    WHERE t.song_id IS NULL
    GROUP BY p.start_time, p.session_id, p.item_in_session, p.song_id, p.artist_id
  ) AS o
  LEFT JOIN :"schema".songs AS g ON g.song_id = o.song_id
) AS fresh
WHERE COALESCE(fresh.old_song_id || '.', '') <> COALESCE(fresh.song_id || '.', '')
   OR COALESCE(fresh.old_artist_id || '.', '') <> COALESCE(fresh.artist_id || '.', '')
