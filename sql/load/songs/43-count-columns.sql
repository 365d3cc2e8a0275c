-- How many of the staged songs have each column: one scan, whose counts become one row per column. What stops being sent shows here.
INSERT INTO staging_columns (source, column_name, rows_read, rows_filled)
SELECT 'songs', n.column_name, t.n,
       CASE n.column_name
         WHEN 'song_id' THEN t.song_id
         WHEN 'title' THEN t.title
         WHEN 'artist_id' THEN t.artist_id
         WHEN 'artist_name' THEN t.artist_name
         WHEN 'artist_location' THEN t.artist_location
         WHEN 'artist_latitude' THEN t.artist_latitude
         WHEN 'artist_longitude' THEN t.artist_longitude
         WHEN 'duration' THEN t.duration
         WHEN 'year' THEN t.year
       END
FROM (
  SELECT COUNT(*) AS n,
         COUNT(s.song_id) AS song_id, COUNT(s.title) AS title, COUNT(s.artist_id) AS artist_id,
         COUNT(s.artist_name) AS artist_name, COUNT(s.artist_location) AS artist_location,
         COUNT(s.artist_latitude) AS artist_latitude, COUNT(s.artist_longitude) AS artist_longitude,
         COUNT(s.duration) AS duration, COUNT(s.year) AS year
  FROM staging_songs AS s
) AS t
CROSS JOIN (
  SELECT 'song_id' AS column_name
  UNION ALL SELECT 'title'
  UNION ALL SELECT 'artist_id'
  UNION ALL SELECT 'artist_name'
  UNION ALL SELECT 'artist_location'
  UNION ALL SELECT 'artist_latitude'
  UNION ALL SELECT 'artist_longitude'
  UNION ALL SELECT 'duration'
  UNION ALL SELECT 'year'
) AS n
