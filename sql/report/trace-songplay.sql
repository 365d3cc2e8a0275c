-- One play, and the batch that last changed it. The time is a literal, so that only its blocks are read. The numbers of the key
-- come as text, because a session_id may have more digits than a number of JavaScript holds.
SELECT p.songplay_id, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', p.start_time) AS start_time_ms,
       CAST(p.session_id AS VARCHAR(20)) AS session_id, CAST(p.item_in_session AS VARCHAR(20)) AS item_in_session, p.user_id,
       p.level, p.song_id, p.artist_id, p.location, p.user_agent, p.song_title, p.artist_name, p.song_duration, p.batch_id
FROM :"schema".songplays AS p
WHERE p.start_time = TIMESTAMP :'start_time'
  AND p.session_id = CAST(:session_id AS BIGINT) AND p.item_in_session = CAST(:item_in_session AS BIGINT)
