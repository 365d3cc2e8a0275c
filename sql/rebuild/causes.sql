-- What can have made the two stars differ: objects of the live ledger that are not in the next one, because they are no longer in the
-- bucket, and objects that were overwritten since the live ledger began.
SELECT c.cause, COUNT(*) AS objects, MIN(c.url) AS example
FROM (
  SELECT CASE WHEN MAX(n.object_id) IS NULL THEN 'deleted' ELSE 'overwritten' END AS cause,
         's3://' || MIN(o.bucket) || '/' || MIN(o.key) AS url
  FROM :"schema".load_objects AS o
  LEFT JOIN :"next".objects_now AS n ON n.object_id = o.object_id AND n.status <> 'vanished'
  WHERE o.status = 'loaded'
  GROUP BY o.object_id
  HAVING MAX(n.object_id) IS NULL OR MIN(o.etag) <> MAX(o.etag) OR MAX(n.etag) <> MAX(o.etag)
) AS c
GROUP BY c.cause
ORDER BY c.cause
