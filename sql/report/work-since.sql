-- What a backfill of one source would send again: its keys that were loaded, by the time of their event, and their size. It reads
-- three columns of the whole ledger.
SELECT COUNT(*) AS objects, COALESCE(SUM(k.size_bytes), 0) AS bytes
FROM (
  SELECT o.object_id, MAX(o.size_bytes) AS size_bytes
  FROM :"schema".load_objects AS o
  WHERE o.source = :source AND o.status = 'loaded' AND o.event_time >= TIMESTAMP :'since'
  GROUP BY o.object_id
) AS k
