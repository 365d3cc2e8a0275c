-- One batch by its id or its number, with what it rejected and found in conflict.
SELECT b.batch_no, b.batch_id, TO_CHAR(b.committed_at, 'YYYY-MM-DD HH24:MI:SS') AS committed_at, b.objects_loaded,
       b.rows_rejected, b.keys_in_conflict
FROM :"schema".load_batches AS b
WHERE CAST(:batch AS VARCHAR(64)) IN (b.batch_id, CAST(b.batch_no AS VARCHAR(20)))
