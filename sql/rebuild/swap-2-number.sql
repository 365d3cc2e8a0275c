-- The net below the lock, as in load/common/51: if the snapshot were older than what the last merge committed, this row would have
-- changed under it, which Redshift refuses as a conflict.
UPDATE :"schema".load_lock SET batch_no = batch_no + 1
