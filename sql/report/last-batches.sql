-- The last ten batches, newest first, in whole seconds, which is GETDATE's precision.
SELECT b.batch_no, b.batch_id, TO_CHAR(b.committed_at, 'YYYY-MM-DD HH24:MI:SS') AS committed_at, b.objects_loaded,
       b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged, b.rows_duplicate, b.rows_skipped,
       b.rows_rejected, b.keys_in_conflict, b.rows_healed, DATEDIFF(seconds, b.started_at, b.committed_at) AS seconds
FROM :"schema".load_batches AS b
ORDER BY b.batch_no DESC
LIMIT 10
