-- Whether one table or view is there and may be read: a relation that was dropped is an error.
SELECT COUNT(*) AS row_count FROM :"schema".:"relation" AS r WHERE FALSE
