-- The number of the last schema file that ran; 0 for none.
SELECT COALESCE(MAX(v.version), 0) AS version FROM :"schema".schema_version AS v
