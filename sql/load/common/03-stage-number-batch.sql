-- Numbers are taken under the lock, so they follow the order of commits. This is also the statement that takes the snapshot.
-- read_after is when the transaction began (SYSDATE), which is before any COPY of it read an object: it proves what a load cannot
-- have missed, whatever the notifications said.
INSERT INTO staging_batch (batch_id, batch_no, started_at, read_after)
SELECT :batch_id, COALESCE(MAX(b.batch_no), 0) + 1, GETDATE(), SYSDATE
FROM :"schema".load_batches AS b
