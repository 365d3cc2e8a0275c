-- The tracks follow their plays, so that the next songs find them as they are.
UPDATE :"schema".tracks
SET song_id = healed.song_id, artist_id = healed.artist_id
FROM healed_tracks AS healed
WHERE :"schema".tracks.song_title = healed.song_title
  AND :"schema".tracks.artist_name = healed.artist_name
  AND :"schema".tracks.song_duration = healed.song_duration
