-- Says that a numbered file is run. Where it was run before, the version is NULL, which its column refuses: the transaction
-- ends, and nothing is done twice. Redshift enforces NOT NULL and no key.
INSERT INTO :"schema".schema_version (version, applied_at)
SELECT CASE WHEN COUNT(*) = 0 THEN CAST(:version AS INTEGER) END, GETDATE()
FROM :"schema".schema_version AS known
WHERE known.version = CAST(:version AS INTEGER);
