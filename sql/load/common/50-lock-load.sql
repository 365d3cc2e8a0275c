-- One merge at a time. Under SNAPSHOT isolation two merges can both insert the same key without noticing, because keys are not
-- enforced. LOCK comes first: the first statement that reads or changes a table takes the snapshot, and LOCK is not among those
-- that do (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html; that it must come before them was seen in
-- https://github.com/estuary/connectors/pull/5220), so the merge sees all that committed before the lock was granted. No query of
-- the star or the ledger reads load_lock, so no reader waits.
LOCK :"schema".load_lock
