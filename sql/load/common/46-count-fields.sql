-- What this batch shows of fields that change: what was noticed in some of its files, and columns that are NULL more often than
-- in the batches before. A column is told when it was never NULL in many rows and now is in 3 rows or more and in a
-- two-hundredth of them; or when it was filled in most rows and now is in less than a tenth of that share of 50 rows or more.
-- Less than that happens by chance: a page of people who are not logged in has no names.
CREATE TEMP TABLE drifted_fields DISTSTYLE ALL AS
SELECT o.source, o.noticed AS kind, o.field, o.types, o.example, o.bucket, o.key, o.event_time, o.found_in, o.out_of
FROM staging_objects AS o
WHERE o.noticed IS NOT NULL
UNION ALL
SELECT c.source, 'empty' AS kind, c.column_name AS field, CAST(NULL AS VARCHAR(64)) AS types, CAST(NULL AS VARCHAR(192)) AS example,
       CAST(NULL AS VARCHAR(255)) AS bucket, CAST(NULL AS VARCHAR(1024)) AS key, CAST(NULL AS TIMESTAMP) AS event_time,
       c.rows_read - c.rows_filled AS found_in, c.rows_read AS out_of
FROM staging_columns AS c
JOIN :"schema".field_baselines AS b ON b.source = c.source AND b.column_name = c.column_name
WHERE b.rows_read >= 1000
  AND ((b.rows_filled = b.rows_read AND c.rows_read - c.rows_filled >= 3
        AND (c.rows_read - c.rows_filled) * 200 >= c.rows_read)
    OR (b.rows_filled * 2 >= b.rows_read AND c.rows_read >= 50
        AND c.rows_filled * 10 * b.rows_read < c.rows_read * b.rows_filled))
