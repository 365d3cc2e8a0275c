-- An event without ts, sessionId or itemInSession has no key to be merged by and no place in the order of events. It is kept
-- here as text, with the reason, instead of being dropped. Rows are named by their text, so a second load adds nothing.
INSERT INTO :"schema".rejected_rows (row_id, source, reason, row_text, batch_id, batch_no)
SELECT r.row_id, 'events', 'ts, sessionId or itemInSession is missing', MAX(r.row_text), MAX(b.batch_id), MAX(b.batch_no)
FROM (
  SELECT MD5('events|' || t.row_text) AS row_id, LEFT(t.row_text, 4000) AS row_text
  FROM (
    SELECT 'ts=' || COALESCE(CAST(e.ts AS VARCHAR(32)), '') || ' sessionId=' || COALESCE(CAST(e.sessionid AS VARCHAR(32)), '')
           || ' itemInSession=' || COALESCE(CAST(e.iteminsession AS VARCHAR(32)), '') || ' page=' || COALESCE(e.page, '')
           || ' userId=' || COALESCE(e.userid, '') || ' level=' || COALESCE(e.level, '') || ' song=' || COALESCE(e.song, '')
           || ' artist=' || COALESCE(e.artist, '') AS row_text
    FROM staging_events AS e
    WHERE e.ts IS NULL OR e.sessionid IS NULL OR e.iteminsession IS NULL
  ) AS t
) AS r
CROSS JOIN staging_batch AS b
LEFT JOIN :"schema".rejected_rows AS known ON known.row_id = r.row_id
WHERE known.row_id IS NULL
GROUP BY r.row_id
