-- How many objects were overwritten since the ledger began, which a rebuild begins anew: a version of theirs was loaded, and later
-- another one was loaded, or found bad, or they were gone. Rows that only the former version held are still in the star. Only
-- narrow columns are read.
SELECT COUNT(*) AS objects
FROM (
  SELECT o.object_id
  FROM :"schema".load_objects AS o
  GROUP BY o.object_id
  HAVING MIN(CASE WHEN o.status = 'loaded' THEN o.etag END) <> MAX(CASE WHEN o.status = 'loaded' THEN o.etag END)
      OR MIN(CASE WHEN o.status = 'loaded' THEN o.batch_no END) < MAX(CASE WHEN o.status <> 'loaded' THEN o.batch_no END)
) AS r
