-- How many rows of a batch were rejected, by source and reason. rejected_rows is sorted by batch_no; the literal lets Redshift
-- skip the other batches' blocks.
SELECT r.source, r.reason, SUM(r.copies) AS copies
FROM :"schema".rejected_rows AS r
WHERE r.batch_no = :batch_no
GROUP BY r.source, r.reason
ORDER BY r.source, r.reason
