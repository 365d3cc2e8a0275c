-- Records that a numbered file has run. If it has run before, the version is NULL, which its column rejects: the transaction
-- fails, and nothing is done twice. Redshift enforces NOT NULL but no key.
INSERT INTO :"schema".schema_version (version, applied_at)
SELECT CASE WHEN COUNT(*) = 0 THEN CAST(:'version' AS INTEGER) END, GETDATE()
FROM :"schema".schema_version AS known
WHERE known.version = CAST(:'version' AS INTEGER);
