-- Fails when a batch recorded an object of this one after the ledger was asked about it: what that batch read may be newer than
-- what this one read, or than what it found wrong with the object, and must not be overwritten by it. The division by zero is
-- deliberate: only a failing statement can end a transaction on a condition. The loader then asks the ledger again and stages
-- what is left. :asked, the number of the last batch when the ledger was asked, is a literal: load_objects is sorted by batch_no,
-- so this reads its newest blocks only.
SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS nothing_recorded_since
FROM :"schema".load_objects AS o
JOIN staging_objects AS s ON s.object_id = o.object_id
WHERE o.batch_no > :asked
