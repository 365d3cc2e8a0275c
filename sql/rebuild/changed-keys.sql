-- The objects that the live star recorded behind a batch, whatever it recorded of them. The number is a literal, so that only the
-- newest blocks are read.
SELECT DISTINCT o.bucket, o.key
FROM :"schema".load_objects AS o
WHERE o.batch_no > :since
ORDER BY o.bucket, o.key
