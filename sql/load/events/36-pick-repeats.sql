-- The keys of plays that were staged more than once, because a client sent them twice or in two files. They are few, and only
-- they need a winner: ranking all plays would sort the whole batch with all its texts. Rejected rows are excluded.
CREATE TEMP TABLE repeated_songplays DISTKEY (start_time) AS
SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session
FROM staging_events AS e
WHERE RTRIM(e.page, ' ') = 'NextSong'
  AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
  AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
GROUP BY e.ts, e.sessionid, e.iteminsession
HAVING COUNT(*) > 1
