-- What the loader reports: read in the transaction, trusted once it has committed.
SELECT b.batch_no, b.objects_loaded, b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged,
       b.rows_duplicate, b.rows_skipped, b.rows_rejected, b.keys_in_conflict, b.rows_healed
FROM :"schema".load_batches AS b
WHERE b.batch_no > :asked AND b.batch_id = :'batch_id'
