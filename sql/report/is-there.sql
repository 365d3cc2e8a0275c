-- Whether one table or view exists and may be read: for a relation that was dropped it fails.
SELECT COUNT(*) AS row_count FROM :"schema".:"relation" AS r WHERE FALSE
