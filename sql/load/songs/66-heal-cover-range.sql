-- The tracks to heal that were played inside this range only. Ranges are apart, so a track is in one of them at most; the survey
-- cuts only where no track was played, so unless something changed since, each is in one.
INSERT INTO covered_tracks (song_title, artist_name, song_duration)
SELECT t.song_title, t.artist_name, t.song_duration
FROM healed_tracks AS t
WHERE t.first_played >= TIMESTAMP :'range_from' AND t.last_played <= TIMESTAMP :'range_to'
