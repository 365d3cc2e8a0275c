-- The rows that could not be used, by batch.
INSERT INTO :"schema".rejected_rows (batch_no, batch_id, source, reason, content, copies)
SELECT (SELECT n.batch_no FROM :"schema".load_lock AS n), :'batch_id', r.source, r.reason, r.content, r.copies
FROM staging_rejected AS r
