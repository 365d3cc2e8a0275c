-- One row for each play that was staged more than once. A play is an event of page NextSong; its key is (start_time,
-- session_id, item_in_session). Copies are usually identical; where they differ, the smallest content wins: first by a hash of
-- the text, then by the length. They conflict when not all copies equal the winner.
CREATE TEMP TABLE picked_songplays DISTKEY (start_time) AS
SELECT ranked.start_time, ranked.session_id, ranked.item_in_session, ranked.user_id, ranked.level, ranked.location,
       ranked.user_agent, ranked.song_title, ranked.artist_name, ranked.song_duration, ranked.copies, ranked.in_conflict
FROM (
  SELECT h.start_time, h.session_id, h.item_in_session, h.user_id, h.level, h.location, h.user_agent, h.song_title,
         h.artist_name, h.song_duration,
         COUNT(*) OVER (PARTITION BY h.start_time, h.session_id, h.item_in_session) AS copies,
         CASE WHEN COUNT(*) OVER (
                     PARTITION BY h.start_time, h.session_id, h.item_in_session, h.text_hash, h.song_duration
                   ) < COUNT(*) OVER (PARTITION BY h.start_time, h.session_id, h.item_in_session)
              THEN 1 ELSE 0 END AS in_conflict,
         ROW_NUMBER() OVER (
           PARTITION BY h.start_time, h.session_id, h.item_in_session
           ORDER BY h.text_hash, h.song_duration
         ) AS pick_order
  FROM (
    SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session,
           NULLIF(RTRIM(e.userid, ' '), '') AS user_id, e.level, e.location, e.useragent AS user_agent,
           e.song AS song_title, e.artist AS artist_name, e.length AS song_duration,
           MD5(COALESCE(RTRIM(e.userid, ' ') || '.', '') || '|' || COALESCE(e.level || '.', '') || '|'
               || COALESCE(e.location || '.', '') || '|' || COALESCE(e.useragent || '.', '') || '|'
               || COALESCE(e.song || '.', '') || '|' || COALESCE(e.artist || '.', '')) AS text_hash
    FROM staging_events AS e
    JOIN repeated_songplays AS repeated
      ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
    WHERE RTRIM(e.page, ' ') = 'NextSong'
  ) AS h
) AS ranked
WHERE ranked.pick_order = 1
