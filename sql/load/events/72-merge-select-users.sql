-- The users whose event in this batch is later than the event behind their row. An old file replayed late therefore changes
-- nothing. For the same event the staged row wins, so that a corrected file takes effect.
CREATE TEMP TABLE merge_users DISTSTYLE ALL AS
SELECT c.user_id, c.first_name, c.last_name, c.gender, c.level, c.last_event_at, c.last_session_id, c.last_item_in_session
FROM picked_users AS c
LEFT JOIN :"schema".users AS known ON known.user_id = c.user_id
WHERE known.user_id IS NULL
   OR c.last_event_at > known.last_event_at
   OR (c.last_event_at = known.last_event_at AND c.last_session_id > known.last_session_id)
   OR (c.last_event_at = known.last_event_at AND c.last_session_id = known.last_session_id
     AND c.last_item_in_session > known.last_item_in_session)
   OR (c.last_event_at = known.last_event_at AND c.last_session_id = known.last_session_id
     AND c.last_item_in_session = known.last_item_in_session
     AND (COALESCE(known.first_name || '.', '') <> COALESCE(c.first_name || '.', '')
       OR COALESCE(known.last_name || '.', '') <> COALESCE(c.last_name || '.', '')
       OR COALESCE(known.gender || '.', '') <> COALESCE(c.gender || '.', '')
       OR COALESCE(known.level || '.', '') <> COALESCE(c.level || '.', '')))
