-- The plays of this range that are new or changed, one row each: those staged once as they are, those staged more than once by
-- their winner. A file loaded again changes no row. The bound of songplays is a literal beside the join: a join alone does not
-- let Redshift skip blocks, not even one on the sort key. Every play here lies inside, so the result is the same without it.
CREATE TEMP TABLE :"merge_songplays" DISTKEY (start_time) AS
SELECT MD5(CAST(DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', p.start_time) AS VARCHAR(20)) || '-'
           || CAST(p.session_id AS VARCHAR(20)) || '-' || CAST(p.item_in_session AS VARCHAR(20))) AS songplay_id,
       p.start_time, p.user_id, p.level, r.song_id, r.artist_id, p.session_id, p.item_in_session, p.location, p.user_agent,
       p.song_title, p.artist_name, p.song_duration, CAST(:'batch_id' AS VARCHAR(64)) AS batch_id
FROM (
  SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session,
         NULLIF(RTRIM(e.userid, ' '), '') AS user_id, e.level, e.location, e.useragent AS user_agent, e.song AS song_title,
         e.artist AS artist_name, e.length AS song_duration
  FROM staging_events AS e
  LEFT JOIN repeated_songplays AS repeated
    ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
  WHERE RTRIM(e.page, ' ') = 'NextSong'
    AND e.ts BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'
    AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
    AND repeated.start_time IS NULL
  UNION ALL
  SELECT w.start_time, w.session_id, w.item_in_session, w.user_id, w.level, w.location, w.user_agent, w.song_title,
         w.artist_name, w.song_duration
  FROM picked_songplays AS w
  WHERE w.start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'
) AS p
LEFT JOIN resolved_tracks AS r
  ON r.song_title = RTRIM(p.song_title, ' ')
 AND r.artist_name = RTRIM(p.artist_name, ' ')
 AND r.song_duration = p.song_duration
LEFT JOIN :"schema".songplays AS known
  ON known.start_time = p.start_time AND known.session_id = p.session_id AND known.item_in_session = p.item_in_session
 AND known.start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'
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
