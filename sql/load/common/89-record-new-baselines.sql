-- Columns that are counted for the first time. Behind the UPDATE, which would count them twice.
INSERT INTO :"schema".field_baselines (source, column_name, rows_read, rows_filled)
SELECT c.source, c.column_name, c.rows_read, c.rows_filled
FROM staging_columns AS c
LEFT JOIN :"schema".field_baselines AS b ON b.source = c.source AND b.column_name = c.column_name
WHERE b.source IS NULL AND c.rows_read > 0
