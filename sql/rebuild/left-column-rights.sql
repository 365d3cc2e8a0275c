-- Rights on columns, which a rebuild does not carry over.
SELECT DISTINCT p.relation_name || '.' || p.column_name || ' to ' || p.identity_type || ' ' || p.identity_name AS what
FROM svv_column_privileges AS p
WHERE p.namespace_name = :'schema_name'
