-- The newest ledger rows of some objects, by id, queried before a batch is planned. This is outside the lock: it saves work,
-- but correctness does not depend on it. recorded_at grows with batch_no, by which load_objects is sorted, so the literal lets
-- Redshift skip the blocks before it. The last row has the number of the newest batch: what later ones record is not known here.
SELECT o.object_id, o.status, o.etag, o.sequencer, o.batch_no,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.read_after) AS read_after_ms,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.recorded_at) AS recorded_at_ms
FROM (
  SELECT l.object_id, l.status, l.etag, l.sequencer, l.batch_no, l.event_time, l.read_after, l.recorded_at,
         ROW_NUMBER() OVER (PARTITION BY l.object_id ORDER BY l.batch_no DESC) AS newest_first
  FROM :"schema".load_objects AS l
  WHERE l.recorded_at >= TIMESTAMP :'since' AND l.object_id IN (:'object_ids')
) AS o
WHERE o.newest_first = 1
UNION ALL
SELECT NULL AS object_id, 'asked' AS status, NULL AS etag, NULL AS sequencer, COALESCE(MAX(b.batch_no), 0) AS batch_no,
       NULL AS event_time_ms, NULL AS read_after_ms, NULL AS recorded_at_ms
FROM :"schema".load_batches AS b
