-- The first objects that are not loaded now, quarantined before vanished.
SELECT o.bucket, o.key, o.status, o.code, o.reason, o.line, o.column_name, o.batch_no, o.recorded_at
FROM :"schema".objects_not_loaded AS o
ORDER BY o.status, o.bucket, o.key
LIMIT :row_limit
