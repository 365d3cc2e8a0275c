-- Recently loaded objects of a bucket, which the warehouse could read a short while ago: they distinguish a file that may not
-- be read from a role that may read nothing.
SELECT o.bucket, o.key
FROM :"schema".load_objects AS o
WHERE o.bucket = :bucket AND o.status = 'loaded'
ORDER BY o.batch_no DESC, o.object_id
LIMIT 5
