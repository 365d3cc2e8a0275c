-- What the next batches are compared with: about the last fifty of each source, because the counts of a batch lose a fiftieth of
-- their weight with each that follows. A column that was filled in every row keeps two equal numbers.
UPDATE :"schema".field_baselines
SET rows_read = :"schema".field_baselines.rows_read * 0.98 + c.rows_read,
    rows_filled = :"schema".field_baselines.rows_filled * 0.98 + c.rows_filled
FROM staging_columns AS c
WHERE :"schema".field_baselines.source = c.source
  AND :"schema".field_baselines.column_name = c.column_name
  AND c.rows_read > 0
