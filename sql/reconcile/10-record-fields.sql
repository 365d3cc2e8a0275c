-- Added to what loads noticed, under the number of the newest batch: the objects are those of any batch before. The ledger's
-- number is one column of the table that the comparison reads in any case.
INSERT INTO :"schema".load_fields
  (batch_no, batch_id, source, kind, field, types, example, bucket, key, event_time, found_in, out_of, noticed_at)
SELECT (SELECT COALESCE(MAX(o.batch_no), 0) FROM :"schema".load_objects AS o), :'batch_id', f.source, f.noticed, f.field, f.types,
       f.example, f.bucket, f.key, f.event_time, f.found_in, f.out_of, GETDATE()
FROM staging_fields AS f
