-- No merge commits while the schemas change their names. LOCK comes first, so that what follows sees all that was merged before.
LOCK :"schema".load_lock
