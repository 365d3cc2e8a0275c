-- What is quarantined or vanished now, by reason.
SELECT o.status, o.source, o.code, o.reason, COUNT(*) AS objects
FROM :"schema".objects_not_loaded AS o
GROUP BY o.status, o.source, o.code, o.reason
ORDER BY objects DESC, o.status, o.source, o.code, o.reason
LIMIT 20
