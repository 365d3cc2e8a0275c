-- How many rows were staged and how many of them are rejected, by the rule of ratings/32-reject-ratings.
SELECT COUNT(*) AS rows_staged,
       COALESCE(SUM(CASE WHEN COALESCE(RTRIM(r.user_id, ' '), '') <> '' AND COALESCE(RTRIM(r.song_id, ' '), '') <> ''
                          AND r.rated_at IS NOT NULL
                         THEN 0 ELSE 1 END), 0) AS rows_rejected
FROM staging_ratings AS r
