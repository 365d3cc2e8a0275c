-- The objects that are quarantined or vanished now, a page at a time by id.
SELECT o.object_id, o.bucket, o.key, o.etag, o.sequencer, o.size_bytes, o.source, o.status, o.code, o.reason, o.line, o.column_name, o.batch_id,
       TO_CHAR(o.recorded_at, 'YYYY-MM-DD HH24:MI:SS') AS recorded_at,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms
FROM :"schema".objects_now AS o
WHERE o.status IN ('quarantined', 'vanished') AND o.object_id > :after
ORDER BY o.object_id
LIMIT :row_limit
