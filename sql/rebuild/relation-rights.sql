-- Who was given which right on which table or view of the schema
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html).
SELECT p.relation_name, p.privilege_type, p.identity_name, p.identity_type, p.admin_option
FROM svv_relation_privileges AS p
WHERE p.namespace_name = :'schema_name'
ORDER BY p.relation_name, p.identity_type, p.identity_name, p.privilege_type
