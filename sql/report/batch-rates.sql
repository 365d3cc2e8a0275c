-- Times of recent batches, for estimating a backfill, in whole seconds, which is GETDATE's precision: a batch that begins and commits
-- within one second took none, whatever its two times are.
SELECT COUNT(*) AS batches,
       COALESCE(PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY r.seconds), 0) AS seconds_median,
       COALESCE(PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY r.seconds), 0) AS seconds_p95,
       COALESCE(MAX(r.bytes_per_second), 0) AS bytes_per_second_best
FROM (
  SELECT DATEDIFF(seconds, b.started_at, b.committed_at) AS seconds,
         b.bytes_loaded / CASE WHEN DATEDIFF(seconds, b.started_at, b.committed_at) < 1 THEN 1
                               ELSE DATEDIFF(seconds, b.started_at, b.committed_at) END AS bytes_per_second
  FROM :"schema".load_batches AS b
  WHERE b.objects_loaded > 0
  ORDER BY b.batch_no DESC
  LIMIT 200
) AS r
