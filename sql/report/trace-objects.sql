-- The loads of a source's objects in some batches, oldest first, a page at a time. load_objects is sorted by batch_no, so the
-- literals let Redshift skip the blocks outside of the batches, and those that earlier pages have read.
SELECT o.object_id, o.bucket, o.key, o.size_bytes, o.etag, o.batch_no, o.batch_id,
       TO_CHAR(o.event_time, 'YYYY-MM-DD HH24:MI:SS') AS event_time, TO_CHAR(o.recorded_at, 'YYYY-MM-DD HH24:MI:SS') AS recorded_at
FROM :"schema".load_objects AS o
WHERE o.batch_no BETWEEN :first_batch AND :last_batch
  AND (o.batch_no > :first_batch OR o.object_id > :'after')
  AND o.source = :source AND o.status = 'loaded'
ORDER BY o.batch_no, o.object_id
LIMIT :row_limit
