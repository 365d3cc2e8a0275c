-- The versions that the live star has loaded and the next one could not load, for which rows would be missing after a swap.
SELECT n.bucket, n.key, n.reason
FROM :"next".objects_not_loaded AS n
JOIN :"schema".objects_now AS o ON o.object_id = n.object_id
WHERE n.status = 'quarantined' AND o.status = 'loaded' AND o.etag = n.etag
ORDER BY n.bucket, n.key
