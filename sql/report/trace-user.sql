-- One user, and the event that describes them. The numbers come as text, because a session_id may have more digits than a
-- number of JavaScript holds.
SELECT u.user_id, u.first_name, u.last_name, u.gender, u.level,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', u.last_event_at) AS last_event_at_ms,
       CAST(u.last_session_id AS VARCHAR(20)) AS last_session_id,
       CAST(u.last_item_in_session AS VARCHAR(20)) AS last_item_in_session
FROM :"schema".users AS u
WHERE u.user_id = :user_id
