-- Some of the differences, in the order of their keys.
SELECT d.key, d.etag, d.size_bytes, d.modified_ms, d.ledger_status, d.ledger_etag, d.code, d.reason, d.line, d.event_time_ms,
       d.read_after_ms
FROM staging_differences AS d
WHERE d.place > :after_place AND d.place <= :up_to_place
ORDER BY d.place
