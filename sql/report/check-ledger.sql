-- The newest ledger rows of some objects, by id, queried before a batch is planned. This is outside the lock: it saves work,
-- but correctness does not depend on it. Without a bound on batch_no it is a full scan of object_id, and of the other columns for
-- the blocks that have such an id.
SELECT o.object_id, o.status, o.etag, o.sequencer, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.read_after) AS read_after_ms
FROM (
  SELECT l.object_id, l.status, l.etag, l.sequencer, l.event_time, l.read_after,
         ROW_NUMBER() OVER (PARTITION BY l.object_id ORDER BY l.batch_no DESC) AS newest_first
  FROM :"schema".load_objects AS l
  WHERE l.object_id IN (:'object_ids')
) AS o
WHERE o.newest_first = 1
