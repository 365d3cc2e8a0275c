-- One song.
SELECT s.song_id, s.title, s.artist_id, s.artist_name, s.artist_location, s.artist_latitude, s.artist_longitude, s.duration, s.year
FROM :"schema".songs AS s
WHERE s.song_id = :song_id
