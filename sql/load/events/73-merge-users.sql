-- One row per user_id, decided above. MERGE itself cannot compare times: it has no condition on WHEN MATCHED.
MERGE INTO :"schema".users
USING merge_users AS staged
ON :"schema".users.user_id = staged.user_id
WHEN MATCHED THEN UPDATE SET
  first_name = staged.first_name, last_name = staged.last_name, gender = staged.gender, level = staged.level,
  last_event_at = staged.last_event_at, last_session_id = staged.last_session_id,
  last_item_in_session = staged.last_item_in_session
WHEN NOT MATCHED THEN INSERT
  (user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session)
  VALUES (staged.user_id, staged.first_name, staged.last_name, staged.gender, staged.level, staged.last_event_at,
    staged.last_session_id, staged.last_item_in_session)
