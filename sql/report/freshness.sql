-- Times from S3 event to commit, in whole seconds, of what was loaded in the last hour and in the last day. Replays are
-- excluded, as in the metric. :first_batch is the first batch of that day, from first-batch.sql: the ledger is sorted by batch, and
-- blocks are skipped by comparison with a literal, which a comparison with GETDATE() is not documented to be
-- (https://docs.aws.amazon.com/redshift/latest/dg/c_designing-queries-best-practices.html).
SELECT w.span, COUNT(*) AS objects,
       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY w.freshness_seconds) AS p50,
       PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY w.freshness_seconds) AS p95,
       MAX(w.freshness_seconds) AS longest
FROM (
  SELECT 'hour' AS span, f.freshness_seconds
  FROM :"schema".freshness AS f
  WHERE f.batch_no >= :first_batch AND f.recorded_at >= DATEADD(hour, -1, GETDATE())
  UNION ALL
  SELECT 'day' AS span, f.freshness_seconds
  FROM :"schema".freshness AS f
  WHERE f.batch_no >= :first_batch AND f.recorded_at >= DATEADD(day, -1, GETDATE())
) AS w
GROUP BY w.span
