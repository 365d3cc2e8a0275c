-- Times from S3 event to commit of the last day's batches, in whole seconds, newest first. Replays are
-- excluded, as in the metric. :first_batch is the first batch of that day, as in freshness.sql.
SELECT f.batch_no, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', MAX(f.recorded_at)) AS committed_ms, COUNT(*) AS objects,
       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY f.freshness_seconds) AS p50,
       PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY f.freshness_seconds) AS p95
FROM :"schema".freshness AS f
WHERE f.batch_no >= :first_batch AND f.recorded_at >= DATEADD(day, -1, GETDATE())
GROUP BY f.batch_no
ORDER BY f.batch_no DESC
LIMIT 600
