-- The files of one batch. load_objects is sorted by batch_no, so only the batch's own blocks are read.
SELECT o.bucket, o.key, o.status, o.size_bytes
FROM :"schema".load_objects AS o
WHERE o.batch_no = CAST(:batch_no AS BIGINT)
ORDER BY o.status DESC, o.key
LIMIT :row_limit
