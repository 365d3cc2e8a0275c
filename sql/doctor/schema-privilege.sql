-- Whether a database user may use a schema
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_HAS_SCHEMA_PRIVILEGE.html).
SELECT :number AS question, HAS_SCHEMA_PRIVILEGE(:'grantee', :'schema_name', 'USAGE') AS is_held
