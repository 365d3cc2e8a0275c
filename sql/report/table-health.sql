-- How far the large tables are unsorted, and their statistics off, in percent. Superusers may read SVV_TABLE_INFO, and those whom
-- they granted it (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html). Small tables do not matter.
SELECT t."table" AS relation, t.tbl_rows AS row_count, t.unsorted, t.stats_off
FROM svv_table_info AS t
WHERE t."schema" = :'schema_name' AND t.tbl_rows >= 1000000
ORDER BY t.tbl_rows DESC, t."table"
