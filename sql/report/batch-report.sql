-- What one batch recorded, like sql/load/common/93-record-report: asked when the reply to its merge was lost and its session is
-- gone. No row means that it did not commit. Its changed fields are not counted once more: they are in load_fields, which the loader
-- adds to and may not read.
SELECT b.batch_no, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', b.committed_at) AS committed_at_ms, b.objects_loaded,
       b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged, b.rows_duplicate, b.rows_skipped,
       b.rows_rejected, b.keys_in_conflict, b.rows_healed, 0 AS fields_drifted
FROM :"schema".load_batches AS b
WHERE b.batch_id = :batch_id
