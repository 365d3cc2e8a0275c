-- An artist can be spelled differently on each song. The artist's current song with the smallest song_id decides, so the result
-- depends neither on what arrived first nor on earlier versions of a song. Only the current and previous artists of the songs
-- merged above can have changed.
CREATE TEMP TABLE merge_artists DISTSTYLE ALL AS
SELECT s.artist_id, s.artist_name AS name, s.artist_location AS location, s.artist_latitude AS latitude,
       s.artist_longitude AS longitude, s.song_id AS source_song_id
FROM (
  SELECT MIN(present.song_id) AS song_id
  FROM (
    SELECT m.artist_id FROM merge_songs AS m
    UNION
    SELECT m.old_artist_id FROM merge_songs AS m
  ) AS touched
  JOIN :"schema".songs AS present ON present.artist_id = touched.artist_id
  WHERE touched.artist_id <> ''
  GROUP BY touched.artist_id
) AS deciding
JOIN :"schema".songs AS s ON s.song_id = deciding.song_id
LEFT JOIN :"schema".artists AS known ON known.artist_id = s.artist_id
WHERE known.artist_id IS NULL
   OR known.source_song_id <> s.song_id
   OR COALESCE(known.name || '.', '') <> COALESCE(s.artist_name || '.', '')
   OR COALESCE(known.location || '.', '') <> COALESCE(s.artist_location || '.', '')
   OR DECODE(known.latitude, s.artist_latitude, 0, 1) = 1
   OR DECODE(known.longitude, s.artist_longitude, 0, 1) = 1
