-- One artist, the song whose file describes it, and every song it has.
SELECT a.artist_id, a.name, a.location, a.latitude, a.longitude, a.source_song_id, s.song_id
FROM :"schema".artists AS a
LEFT JOIN :"schema".songs AS s ON s.artist_id = a.artist_id
WHERE a.artist_id = :artist_id
