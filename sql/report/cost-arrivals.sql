-- What landed since a time, summed up by slices of time, so that the answer stays small whatever landed. A replayed object lands when
-- its load began, because that is when somebody sent it, and so does one whose notification names a later time. The numbers of
-- batches are literals, so that older blocks are skipped.
SELECT s.slice, COUNT(*) AS objects, SUM(s.live) AS live, SUM(s.size_bytes) AS bytes, MIN(s.arrived_ms) AS first_ms,
       MAX(s.arrived_ms) AS last_ms
FROM (
  SELECT FLOOR(a.arrived_ms / 1000.0 / :slice_seconds) AS slice, a.arrived_ms, a.live, a.size_bytes
  FROM (
    SELECT DATEDIFF(ms, TIMESTAMP :'since',
                    CASE WHEN o.replayed OR o.event_time > b.started_at THEN b.started_at ELSE o.event_time END) AS arrived_ms,
           CASE WHEN o.status = 'loaded' AND NOT o.replayed THEN 1 ELSE 0 END AS live, COALESCE(o.size_bytes, 0) AS size_bytes
    FROM :"schema".load_objects AS o
    JOIN :"schema".load_batches AS b ON b.batch_no = o.batch_no
    WHERE o.batch_no >= :first_batch AND b.batch_no >= :first_batch AND o.status IN ('loaded', 'quarantined')
  ) AS a
  WHERE a.arrived_ms >= 0
) AS s
GROUP BY s.slice
ORDER BY s.slice
