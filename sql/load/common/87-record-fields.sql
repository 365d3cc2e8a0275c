-- What was noticed in the fields of this batch, in the transaction of its rows.
INSERT INTO :"schema".load_fields
  (batch_no, batch_id, source, kind, field, types, example, bucket, key, event_time, found_in, out_of, noticed_at)
SELECT (SELECT n.batch_no FROM :"schema".load_lock AS n), :'batch_id', f.source, f.kind, f.field, f.types, f.example, f.bucket,
       f.key, f.event_time, f.found_in, f.out_of, GETDATE()
FROM drifted_fields AS f
