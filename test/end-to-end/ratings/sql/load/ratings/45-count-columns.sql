-- How many of the staged ratings have each column: one scan, whose counts become one row per column. What stops being sent shows here.
INSERT INTO staging_columns (source, column_name, rows_read, rows_filled)
SELECT 'ratings', n.column_name, t.n,
       CASE n.column_name
         WHEN 'user_id' THEN t.user_id
         WHEN 'song_id' THEN t.song_id
         WHEN 'rating' THEN t.rating
         WHEN 'rated_at' THEN t.rated_at
       END
FROM (
  SELECT COUNT(*) AS n,
         COUNT(r.user_id) AS user_id, COUNT(r.song_id) AS song_id, COUNT(r.rating) AS rating, COUNT(r.rated_at) AS rated_at
  FROM staging_ratings AS r
) AS t
CROSS JOIN (
  SELECT 'user_id' AS column_name
  UNION ALL SELECT 'song_id'
  UNION ALL SELECT 'rating'
  UNION ALL SELECT 'rated_at'
) AS n
