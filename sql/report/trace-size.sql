-- How many objects of a source were ever loaded, and how large they are: what reading them all would cost. This is about the
-- whole ledger, in a few of its narrow columns.
SELECT COUNT(*) AS objects, COALESCE(SUM(o.size_bytes), 0) AS bytes
FROM (
  SELECT l.object_id, MAX(l.size_bytes) AS size_bytes
  FROM :"schema".load_objects AS l
  WHERE l.source = :source AND l.status = 'loaded'
  GROUP BY l.object_id
) AS o
