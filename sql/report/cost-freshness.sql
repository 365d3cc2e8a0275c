-- Times from S3 event to commit of what was loaded since a batch, in whole seconds. Replays are excluded, as in the metric.
SELECT COUNT(*) AS objects, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY f.freshness_seconds) AS p50,
       PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY f.freshness_seconds) AS p95
FROM :"schema".freshness AS f
WHERE f.batch_no >= :first_batch
