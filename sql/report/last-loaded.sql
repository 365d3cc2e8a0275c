-- Recently loaded objects of a bucket, which the warehouse could read a short while ago: they distinguish a file that may not
-- be read from a role that may read nothing. Only some batches are looked through, by a literal, so that blocks of the others are
-- skipped.
SELECT o.bucket, o.key
FROM :"schema".load_objects AS o
WHERE o.batch_no > :look_back AND o.bucket = :bucket AND o.status = 'loaded'
ORDER BY o.batch_no DESC, o.object_id
LIMIT 5
