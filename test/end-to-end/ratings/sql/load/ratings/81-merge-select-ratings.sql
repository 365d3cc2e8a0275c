-- The newest rating of each user and song among this batch and the row that is there; of equally new ones the greatest.
CREATE TEMP TABLE merge_ratings DISTKEY (user_id) AS
SELECT c.user_id, c.song_id, c.rating, c.rated_at, c.copies
FROM (
  SELECT RTRIM(r.user_id, ' ') AS user_id, RTRIM(r.song_id, ' ') AS song_id, r.rating, r.rated_at,
         COUNT(*) OVER (PARTITION BY RTRIM(r.user_id, ' '), RTRIM(r.song_id, ' ')) AS copies,
         ROW_NUMBER() OVER (
           PARTITION BY RTRIM(r.user_id, ' '), RTRIM(r.song_id, ' ') ORDER BY r.rated_at DESC, r.rating DESC
         ) AS pick_order
  FROM staging_ratings AS r
  WHERE COALESCE(RTRIM(r.user_id, ' '), '') <> '' AND COALESCE(RTRIM(r.song_id, ' '), '') <> '' AND r.rated_at IS NOT NULL
) AS c
LEFT JOIN :"schema".ratings AS known ON known.user_id = c.user_id AND known.song_id = c.song_id
WHERE c.pick_order = 1
  AND (known.user_id IS NULL OR c.rated_at > known.rated_at OR (c.rated_at = known.rated_at AND c.rating > known.rating))
