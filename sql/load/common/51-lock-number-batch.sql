-- Numbers the batch, so that numbers follow the order of commits. This is also the net below the lock
-- (https://github.com/estuary/connectors/pull/828 saw LOCK fail to hold inside a batch of statements): if the snapshot were ever
-- older than what the previous merge committed, this row would have changed under it, which Redshift refuses as a conflict with a
-- concurrent transaction, and the merge is tried again. Two merges never share a number in silence.
UPDATE :"schema".load_lock SET batch_no = batch_no + 1
