-- One merge at a time. Under SNAPSHOT isolation two merges can both insert the same key without noticing, because keys are not
-- enforced. LOCK comes first: the first statement that reads or changes a table takes the snapshot, and LOCK is not among those
-- that do (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html), so the merge sees all that committed before
-- the lock was granted. Nobody else reads load_lock, so no reader waits.
LOCK :"schema".load_lock
