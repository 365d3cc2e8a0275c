-- Whether a database user may create temporary tables
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_HAS_DATABASE_PRIVILEGE.html).
SELECT :number AS question, HAS_DATABASE_PRIVILEGE(:'grantee', :'database_name', 'TEMP') AS is_held
