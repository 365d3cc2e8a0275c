-- One upgrade at a time, and no load meanwhile: what a load is about to change must not change its columns under it. LOCK comes
-- first, because a snapshot taken before it would not see what another upgrade did while this one waited.
LOCK :"schema".load_lock;
