-- The first of what is set aside now, quarantined before vanished: quarantined until it is released or its file is corrected, or vanished before it was read.
SELECT o.bucket, o.key, o.status, o.code, o.reason, o.line, o.column_name, o.batch_no, o.recorded_at
FROM :"schema".objects_now AS o
WHERE o.status IN ('quarantined', 'vanished')
ORDER BY o.status, o.bucket, o.key
LIMIT 21
