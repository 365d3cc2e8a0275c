-- Where the rows of the batches after a batch went, and how many batches these are.
SELECT COUNT(*) AS batches, COALESCE(MAX(b.batch_no), 0) AS newest_batch,
       COALESCE(SUM(b.rows_staged), 0) AS rows_staged, COALESCE(SUM(b.rows_merged), 0) AS rows_merged,
       COALESCE(SUM(b.rows_duplicate), 0) AS rows_duplicate, COALESCE(SUM(b.rows_skipped), 0) AS rows_skipped,
       COALESCE(SUM(b.rows_rejected), 0) AS rows_rejected
FROM :"schema".load_batches AS b
WHERE b.batch_no > CAST(:since AS BIGINT)
