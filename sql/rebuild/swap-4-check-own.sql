-- Fails when the numbers of the live star's batches have come up to where those of the next one begin, or when another process has
-- taken the rebuild over, or when one of the two schemas was upgraded alone.
SELECT 1 / CASE WHEN own.n = 1 AND live.version = other.version THEN 1 ELSE 0 END AS this_rebuild_may_swap
FROM (
  SELECT COUNT(*) AS n
  FROM :"next".rebuilds AS r
  CROSS JOIN :"schema".load_lock AS n
  WHERE r.run_id = :'run_id' AND r.swapped_at IS NULL AND n.batch_no < r.live_batch + 1000000
) AS own
CROSS JOIN (SELECT COALESCE(MAX(v.version), 0) AS version FROM :"schema".schema_version AS v) AS live
CROSS JOIN (SELECT COALESCE(MAX(v.version), 0) AS version FROM :"next".schema_version AS v) AS other
