-- The ledger commits with the data: an object is loaded exactly when its row is here. The number is a subquery and no join, so
-- that an empty load_lock is an error (the column refuses NULL) and never a batch without rows. read_after is when the ledger was
-- asked about the objects: whatever was read of them, or found wrong with them, is not older, whatever the notifications claimed.
INSERT INTO :"schema".load_objects
  (object_id, bucket, key, etag, version_id, sequencer, size_bytes, event_time, source, replayed, status, code, reason,
   line, column_name, batch_id, batch_no, read_after, recorded_at)
SELECT o.object_id, o.bucket, o.key, o.etag, o.version_id, o.sequencer, o.size_bytes, o.event_time, o.source,
       o.replayed, o.status, o.code, o.reason, o.line, o.column_name, :'batch_id',
       (SELECT n.batch_no FROM :"schema".load_lock AS n), TIMESTAMP :'read_after', GETDATE()
FROM staging_objects AS o
WHERE o.noticed IS NULL
