-- Stops the load, once, when rows of it were rejected. Which files they are of is then found out without the lock: a file of which
-- no row can be used is quarantined instead of being called loaded, and the batch runs again without this statement. The division
-- by zero is meant: a statement that fails is the only way to end a transaction on a condition.
SELECT 1 / CASE WHEN COALESCE(SUM(c.rows_rejected), 0) > 0 THEN 0 ELSE 1 END AS nothing_rejected
FROM staging_counts AS c
