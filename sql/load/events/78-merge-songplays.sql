-- The fact last, so that its dimensions exist. The bound is that of events/77-merge-time: a literal, because a join on the sort
-- key alone would read the whole table, which Redshift's MERGE does twice.
MERGE INTO :"schema".songplays
USING :"merge_songplays" AS staged
ON :"schema".songplays.start_time = staged.start_time
  AND :"schema".songplays.session_id = staged.session_id
  AND :"schema".songplays.item_in_session = staged.item_in_session
  AND :"schema".songplays.start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to' -- optional bound
WHEN MATCHED THEN UPDATE SET
  user_id = staged.user_id, level = staged.level, song_id = staged.song_id, artist_id = staged.artist_id,
  location = staged.location, user_agent = staged.user_agent, song_title = staged.song_title,
  artist_name = staged.artist_name, song_duration = staged.song_duration, batch_id = staged.batch_id
WHEN NOT MATCHED THEN INSERT
  (songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent,
   song_title, artist_name, song_duration, batch_id)
  VALUES (staged.songplay_id, staged.start_time, staged.user_id, staged.level, staged.song_id, staged.artist_id,
    staged.session_id, staged.item_in_session, staged.location, staged.user_agent, staged.song_title, staged.artist_name,
    staged.song_duration, staged.batch_id)
