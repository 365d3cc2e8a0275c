-- Fails when the live star has merged a batch that the next one has not caught up with. The division by zero is deliberate: only a
-- failing statement can end a transaction on a condition.
SELECT 1 / CASE WHEN n.batch_no = :caught_up + 1 THEN 1 ELSE 0 END AS next_has_every_batch
FROM :"schema".load_lock AS n
