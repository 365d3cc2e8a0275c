-- Rows of the last day's batches that could not be used.
SELECT COALESCE(SUM(b.rows_rejected), 0) AS rows_rejected
FROM :"schema".load_batches AS b
WHERE b.committed_at >= DATEADD(day, -1, GETDATE())
