-- Everything the ledger has recorded for one key, newest first, with the batch that did it. This is a full scan of object_id,
-- because the ledger is sorted by batch: it is asked of one key, by a person.
SELECT o.status, o.etag, o.version_id, o.sequencer, o.size_bytes, o.source, o.code, o.reason, o.line, o.column_name, o.batch_id,
       o.batch_no, TO_CHAR(o.event_time, 'YYYY-MM-DD HH24:MI:SS') AS event_time,
       TO_CHAR(o.recorded_at, 'YYYY-MM-DD HH24:MI:SS') AS recorded_at,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.read_after) AS read_after_ms,
       b.objects_loaded, b.rows_merged, b.rows_rejected
FROM :"schema".load_objects AS o
LEFT JOIN :"schema".load_batches AS b ON b.batch_id = o.batch_id
WHERE o.object_id = :object_id
ORDER BY o.batch_no DESC
LIMIT 100
