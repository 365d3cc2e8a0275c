-- The users by key, as compare-songplays does. Text is compared as Redshift compares it, without trailing blanks.
SELECT d.kind, COUNT(*) AS row_count, MIN(d.shown) AS first_example, MAX(d.shown) AS last_example
FROM (
  SELECT CASE WHEN n.user_id IS NULL THEN 'here' WHEN l.user_id IS NULL THEN 'there' ELSE 'different' END AS kind,
         CAST(COALESCE(l.user_id, n.user_id) AS VARCHAR(64)) AS shown
  FROM :"schema".users AS l
  FULL JOIN :"next".users AS n ON n.user_id = l.user_id
  WHERE n.user_id IS NULL OR l.user_id IS NULL
     OR CASE WHEN (l.first_name = n.first_name OR (l.first_name IS NULL AND n.first_name IS NULL))
              AND (l.last_name = n.last_name OR (l.last_name IS NULL AND n.last_name IS NULL))
              AND (l.gender = n.gender OR (l.gender IS NULL AND n.gender IS NULL))
              AND (l.level = n.level OR (l.level IS NULL AND n.level IS NULL))
              AND (l.last_event_at = n.last_event_at OR (l.last_event_at IS NULL AND n.last_event_at IS NULL))
              AND (l.last_session_id = n.last_session_id OR (l.last_session_id IS NULL AND n.last_session_id IS NULL))
              AND (l.last_item_in_session = n.last_item_in_session OR (l.last_item_in_session IS NULL AND n.last_item_in_session IS NULL))
             THEN 0 ELSE 1 END = 1
) AS d
GROUP BY d.kind
ORDER BY d.kind
