-- One upgrade at a time, and no load meanwhile: the columns a load changes must not change under it. LOCK comes first, because
-- a snapshot taken before it would not see what another upgrade did while this one waited.
LOCK :"schema".load_lock;
