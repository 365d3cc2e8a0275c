-- One load at a time. Under SNAPSHOT isolation two loads can both insert the same key and neither notices, because nothing
-- enforces keys. LOCK must come first: the snapshot is taken by the first statement that touches a table, and a snapshot
-- taken before the wait would not see what the previous load committed. The table is empty, so no reader waits for it.
LOCK :"schema".load_lock
