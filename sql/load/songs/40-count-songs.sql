-- The counts of the staged songs. What they heal is counted once it is healed.
INSERT INTO staging_counts
  (source, rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT 'songs', staged.n, picked.n, picked.duplicates, 0, staged.rejected, picked.conflicts, 0
FROM (
  SELECT COUNT(*) AS n,
         COALESCE(SUM(CASE WHEN COALESCE(RTRIM(s.song_id, ' '), '') = '' THEN 1 ELSE 0 END), 0) AS rejected
  FROM staging_songs AS s
) AS staged
CROSS JOIN (
  SELECT COUNT(*) AS n, COALESCE(SUM(p.copies - 1), 0) AS duplicates, COALESCE(SUM(p.in_conflict), 0) AS conflicts
  FROM picked_songs AS p
) AS picked
