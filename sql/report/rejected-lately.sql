-- The number of rows rejected by the last day's batches.
SELECT COALESCE(SUM(b.rows_rejected), 0) AS rows_rejected
FROM :"schema".load_batches AS b
WHERE b.committed_at >= DATEADD(day, -1, GETDATE())
