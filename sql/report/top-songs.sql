-- The most played songs, among plays whose song is known.
SELECT s.title, a.name AS artist, COUNT(*) AS plays
FROM :"schema".songplays AS p
JOIN :"schema".songs AS s ON s.song_id = p.song_id
LEFT JOIN :"schema".artists AS a ON a.artist_id = p.artist_id
GROUP BY s.title, a.name
ORDER BY plays DESC, s.title, a.name
LIMIT 5
