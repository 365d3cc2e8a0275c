-- The account of the staged ratings: each user and song once, the others duplicates.
INSERT INTO staging_counts
  (source, rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT 'ratings', t.staged, t.merged, t.staged - t.merged - t.rejected, 0, t.rejected, 0, 0
FROM (
  SELECT COUNT(*) AS staged,
         COUNT(DISTINCT CASE WHEN u.is_usable = 1 THEN u.user_id || '|' || u.song_id END) AS merged,
         COALESCE(SUM(1 - u.is_usable), 0) AS rejected
  FROM (
    SELECT RTRIM(r.user_id, ' ') AS user_id, RTRIM(r.song_id, ' ') AS song_id,
           CASE WHEN COALESCE(RTRIM(r.user_id, ' '), '') <> '' AND COALESCE(RTRIM(r.song_id, ' '), '') <> ''
                 AND r.rated_at IS NOT NULL THEN 1 ELSE 0 END AS is_usable
    FROM staging_ratings AS r
  ) AS u
) AS t
