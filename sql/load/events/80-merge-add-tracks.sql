-- Tracks that were never played before. songs/65-heal-find-tracks finds by them which plays a late song heals, and when they were.
INSERT INTO :"schema".tracks (song_title, artist_name, song_duration, first_played, last_played, song_id, artist_id)
SELECT r.song_title, r.artist_name, r.song_duration, r.first_played, r.last_played, r.song_id, r.artist_id
FROM resolved_tracks AS r
WHERE r.known_first IS NULL
