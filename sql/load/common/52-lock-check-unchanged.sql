-- Fails when a batch that committed after this one's snapshot recorded one of its objects: that batch may have read a newer
-- content of the object than this one did, and must not be overwritten by it. The division by zero is deliberate: only a failing
-- statement can end a transaction on a condition. The loader then asks the ledger again and stages what is left. seen is a
-- literal: load_objects is sorted by batch_no, so this reads its newest blocks only.
SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS nothing_recorded_since
FROM :"schema".load_objects AS o
JOIN staging_objects AS s ON s.object_id = o.object_id
WHERE o.batch_no > :seen
