-- Rows of one table.
SELECT COUNT(*) AS row_count FROM :"schema".:"relation" AS r
