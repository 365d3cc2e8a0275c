-- Tracks that were played on a day their row does not have yet.
UPDATE :"schema".tracks
SET first_played = CASE WHEN r.first_played < r.known_first THEN r.first_played ELSE r.known_first END,
    last_played = CASE WHEN r.last_played > r.known_last THEN r.last_played ELSE r.known_last END
FROM resolved_tracks AS r
WHERE :"schema".tracks.song_title = r.song_title
  AND :"schema".tracks.artist_name = r.artist_name
  AND :"schema".tracks.song_duration = r.song_duration
  AND (r.first_played < r.known_first OR r.last_played > r.known_last)
