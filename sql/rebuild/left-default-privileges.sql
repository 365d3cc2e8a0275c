-- Rights that new tables of the schema get by themselves. They belong to the schema and stay with it.
SELECT DISTINCT p.privilege_type || ' on ' || p.object_type || ' to ' || p.grantee_type || ' ' || p.grantee_name AS what
FROM svv_default_privileges AS p
WHERE p.schema_name = :'schema_name'
