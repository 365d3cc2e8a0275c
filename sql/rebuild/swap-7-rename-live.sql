-- The star so far stays under another name, until rebuild --drop-old. Tables, views inside the schema and rights keep to their
-- schema (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SCHEMA.html).
ALTER SCHEMA :"schema" RENAME TO :"old"
