-- Stops the load once when it has rejected rows. Their files are then searched for without the lock: a file without a usable
-- row is quarantined instead of being recorded as loaded, and the batch runs again without this statement. The division by zero
-- is deliberate: only a failing statement can end a transaction on a condition.
SELECT 1 / CASE WHEN COALESCE(SUM(c.rows_rejected), 0) > 0 THEN 0 ELSE 1 END AS nothing_rejected
FROM staging_counts AS c
