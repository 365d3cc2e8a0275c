-- The batch, for the statements below to join. One row.
--
-- This statement comes first, so that its snapshot is older than every COPY: seen is the last batch that had committed before
-- any object was read. What a later batch recorded about an object of this one may be newer than what is read here, which
-- common/52-lock-check-unchanged looks at under the lock. seen comes from load_batches and not from load_lock, because readers
-- of load_lock wait for its lock. read_after is when this transaction began (SYSDATE): it proves what the load cannot have
-- missed, whatever the notifications claimed.
CREATE TEMP TABLE staging_batch DISTSTYLE ALL AS
SELECT CAST(:batch_id AS VARCHAR(64)) AS batch_id, COALESCE(MAX(b.batch_no), 0) AS seen, GETDATE() AS started_at,
       SYSDATE AS read_after
FROM :"schema".load_batches AS b
