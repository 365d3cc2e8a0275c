-- The first batch that was committed since a time, as a bound for questions to the ledger; the number of the next batch when there
-- was none. It reads two columns of load_batches, which has one row per batch and not per object.
SELECT COALESCE(MIN(CASE WHEN b.committed_at >= TIMESTAMP :'since' THEN b.batch_no END), MAX(b.batch_no) + 1, 1) AS batch_no
FROM :"schema".load_batches AS b
