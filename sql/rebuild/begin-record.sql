-- Begins a rebuild in the next schema: whatever the live star loads after this batch has to be looked at once more. If one has
-- begun, run_id is NULL, which its column rejects: of two that begin at once, one fails.
INSERT INTO :"next".rebuilds (run_id, rules, live_batch, begun_at, seen_at, swapped_at)
SELECT CASE WHEN (SELECT COUNT(*) FROM :"next".rebuilds AS r) = 0 THEN CAST(:'run_id' AS VARCHAR(64)) END, :'rules', n.batch_no,
       GETDATE(), GETDATE(), NULL
FROM :"schema".load_lock AS n
