-- Numbers the batch, so that numbers follow the order of commits. This is also the net below the lock: if a snapshot were ever
-- older than what the previous merge committed, this row would have changed under it, which Redshift refuses (1023, and the
-- merge is tried again); two merges can never share a number and overwrite each other in silence.
UPDATE :"schema".load_lock SET batch_no = batch_no + 1
