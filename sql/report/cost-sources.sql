-- What was loaded of each source since a batch. Blocks before it are skipped by the literal.
SELECT o.source, COUNT(*) AS objects, COALESCE(SUM(o.size_bytes), 0) AS bytes
FROM :"schema".load_objects AS o
WHERE o.batch_no >= :first_batch AND o.status IN ('loaded', 'quarantined')
GROUP BY o.source
ORDER BY o.source
