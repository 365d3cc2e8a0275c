-- Numbers the batches of the next schema far above those of the live one. A load that asked the live ledger before the swap, and
-- merges behind it, carries the number it was told: every row of the new ledger must be later than that, or the check of
-- load/common/52 would not see what the rebuild has read meanwhile. swap-4-check-own makes sure that the live star has not come
-- so far. A subquery, because Redshift updates nothing from a table that is not joined by an equality.
UPDATE :"next".load_lock
SET batch_no = (SELECT r.live_batch + 1000000 FROM :"next".rebuilds AS r)
