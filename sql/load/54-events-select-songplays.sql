-- The plays that are new or say something new; a file loaded again changes no row. Every join carries start_time, the sort
-- key of songplays, so the cost follows the batch and not the table.
CREATE TEMP TABLE merge_songplays DISTKEY (session_id) AS
SELECT MD5(CAST(DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', p.start_time) AS VARCHAR(20)) || '-'
           || CAST(p.session_id AS VARCHAR(20)) || '-' || CAST(p.item_in_session AS VARCHAR(20))) AS songplay_id,
       p.start_time, p.user_id, p.level, r.song_id, r.artist_id, p.session_id, p.item_in_session, p.location, p.user_agent,
       p.song_title, p.artist_name, p.song_duration, b.batch_id
FROM picked_songplays AS p
CROSS JOIN staging_batch AS b
LEFT JOIN resolved_songplays AS r
  ON r.start_time = p.start_time AND r.session_id = p.session_id AND r.item_in_session = p.item_in_session
LEFT JOIN :"schema".songplays AS known
  ON known.start_time = p.start_time AND known.session_id = p.session_id AND known.item_in_session = p.item_in_session
WHERE known.songplay_id IS NULL
   OR COALESCE(known.user_id || '.', '') <> COALESCE(p.user_id || '.', '')
   OR COALESCE(known.level || '.', '') <> COALESCE(p.level || '.', '')
   OR COALESCE(known.song_id || '.', '') <> COALESCE(r.song_id || '.', '')
   OR COALESCE(known.artist_id || '.', '') <> COALESCE(r.artist_id || '.', '')
   OR COALESCE(known.location || '.', '') <> COALESCE(p.location || '.', '')
   OR COALESCE(known.user_agent || '.', '') <> COALESCE(p.user_agent || '.', '')
   OR COALESCE(known.song_title || '.', '') <> COALESCE(p.song_title || '.', '')
   OR COALESCE(known.artist_name || '.', '') <> COALESCE(p.artist_name || '.', '')
   OR DECODE(known.song_duration, p.song_duration, 0, 1) = 1
