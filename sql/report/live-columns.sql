-- What the catalog says of every column of the schema's tables and views, in their order. SVV_COLUMNS shows everybody the tables of
-- the database, whatever they may read of them, and where metadata security is switched on those that they have a right to:
-- https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html. The leader node answers it, so no table may stand beside it.
SELECT c.table_name, c.column_name, c.is_nullable, c.data_type, c.character_maximum_length, c.numeric_precision, c.numeric_scale
FROM svv_columns AS c
WHERE c.table_schema = :'schema_name'
ORDER BY c.table_name, c.ordinal_position
