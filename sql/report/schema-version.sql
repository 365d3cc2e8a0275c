-- Which numbered schema file ran last; 0 for none.
SELECT COALESCE(MAX(v.version), 0) AS version FROM :"schema".schema_version AS v
