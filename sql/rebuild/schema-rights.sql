-- Who was given which right on the schema itself, or, by its scope, on whatever will be in it
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_SCHEMA_PRIVILEGES.html).
SELECT p.privilege_type, p.identity_name, p.identity_type, p.admin_option, p.privilege_scope
FROM svv_schema_privileges AS p
WHERE p.namespace_name = :'schema_name'
ORDER BY p.identity_type, p.identity_name, p.privilege_type
