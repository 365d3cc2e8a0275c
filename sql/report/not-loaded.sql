-- The objects that are quarantined or vanished now, a page at a time by id. Each page scans narrow columns of the whole ledger,
-- because it is not sorted by id; pages are large.
SELECT o.object_id, o.bucket, o.key, o.etag, o.sequencer, o.size_bytes, o.source, o.status, o.code, o.reason, o.line, o.column_name, o.batch_id,
       TO_CHAR(o.recorded_at, 'YYYY-MM-DD HH24:MI:SS') AS recorded_at,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms
FROM :"schema".objects_not_loaded AS o
WHERE o.object_id > :after
ORDER BY o.object_id
LIMIT :row_limit
