-- The object rows recorded after a batch, oldest first.
SELECT o.object_id, o.status, o.etag, o.sequencer, o.batch_no
FROM :"schema".load_objects AS o
WHERE o.batch_no > CAST(:since AS BIGINT)
ORDER BY o.batch_no, o.object_id
