-- How the database compares text: case_sensitive, or case_insensitive, which would take two keys for one
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_DB_COLLATION.html).
SELECT db_collation() AS collation
