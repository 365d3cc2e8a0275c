-- One load at a time. Under SNAPSHOT isolation two loads can both insert the same key without noticing, because keys are not
-- enforced. LOCK must come first: the first statement that touches a table takes the snapshot, and one taken before the wait
-- would not see what the previous load committed. The table is empty, so no reader waits for it.
LOCK :"schema".load_lock
