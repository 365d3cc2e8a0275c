-- Numbers are taken under the lock, so they follow the order of commits. This is also the statement that takes the snapshot.
INSERT INTO staging_batch (batch_id, batch_no, started_at)
SELECT :batch_id, COALESCE(MAX(b.batch_no), 0) + 1, GETDATE()
FROM :"schema".load_batches AS b
