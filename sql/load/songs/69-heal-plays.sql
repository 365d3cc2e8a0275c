-- Late dimensions heal. healed_songplays has one row per play, so the UPDATE is deterministic.
UPDATE :"schema".songplays
SET song_id = healed.song_id, artist_id = healed.artist_id
FROM healed_songplays AS healed
WHERE :"schema".songplays.start_time = healed.start_time
  AND :"schema".songplays.session_id = healed.session_id
  AND :"schema".songplays.item_in_session = healed.item_in_session
  AND :"schema".songplays.start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'
