-- The keys that were last recorded with a status.
SELECT o.bucket, o.key, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms
FROM :"schema".objects_now AS o
WHERE o.status = :status
ORDER BY o.batch_no DESC, o.key
LIMIT :row_limit
