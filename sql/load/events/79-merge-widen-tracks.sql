-- Tracks that were played on a day their row does not have yet.
UPDATE :"schema".tracks
SET first_played = CASE WHEN r.first_played < :"schema".tracks.first_played THEN r.first_played
                        ELSE :"schema".tracks.first_played END,
    last_played = CASE WHEN r.last_played > :"schema".tracks.last_played THEN r.last_played
                       ELSE :"schema".tracks.last_played END
FROM resolved_tracks AS r
WHERE :"schema".tracks.song_title = r.song_title
  AND :"schema".tracks.artist_name = r.artist_name
  AND :"schema".tracks.song_duration = r.song_duration
  AND (r.first_played < :"schema".tracks.first_played OR r.last_played > :"schema".tracks.last_played)
