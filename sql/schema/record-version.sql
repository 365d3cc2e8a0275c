-- Says that a numbered file has been run, once.
INSERT INTO :"schema".schema_version (version, applied_at)
SELECT fresh.version, GETDATE()
FROM (SELECT CAST(:version AS INTEGER) AS version) AS fresh
LEFT JOIN :"schema".schema_version AS known ON known.version = fresh.version
WHERE known.version IS NULL;
