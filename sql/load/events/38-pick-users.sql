-- Each user's latest event in this batch, among all pages, by (ts, sessionId, itemInSession); copies of it that differ are
-- decided by a hash of their text. A blank userId is nobody. Only the events at a user's latest ts are ranked: ranking them all
-- would sort the whole batch.
CREATE TEMP TABLE picked_users DISTSTYLE ALL AS
SELECT c.user_id, c.first_name, c.last_name, c.gender, c.level, c.ts AS last_event_at, c.session_id AS last_session_id,
       c.item_in_session AS last_item_in_session
FROM (
  SELECT h.user_id, h.first_name, h.last_name, h.gender, h.level, h.ts, h.session_id, h.item_in_session,
         ROW_NUMBER() OVER (
           PARTITION BY h.user_id
           ORDER BY h.ts DESC, h.session_id DESC, h.item_in_session DESC, h.text_hash
         ) AS pick_order
  FROM (
    SELECT RTRIM(e.userid, ' ') AS user_id, e.firstname AS first_name, e.lastname AS last_name, e.gender, e.level, e.ts,
           e.sessionid AS session_id, e.iteminsession AS item_in_session,
           MD5(COALESCE(e.firstname || '.', '') || '|' || COALESCE(e.lastname || '.', '') || '|'
               || COALESCE(e.gender || '.', '') || '|' || COALESCE(e.level || '.', '')) AS text_hash
    FROM staging_events AS e
    JOIN (
      SELECT RTRIM(l.userid, ' ') AS user_id, MAX(l.ts) AS ts
      FROM staging_events AS l
      WHERE l.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
        AND l.sessionid IS NOT NULL AND l.iteminsession IS NOT NULL
      GROUP BY RTRIM(l.userid, ' ')
    ) AS latest
      ON latest.user_id = RTRIM(e.userid, ' ') AND latest.ts = e.ts
    WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''
      AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
  ) AS h
) AS c
WHERE c.pick_order = 1
