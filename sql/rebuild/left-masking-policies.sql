-- Masking of columns, which a rebuild does not carry over.
SELECT DISTINCT p.policy_name || ' on ' || p.table_name AS what
FROM svv_attached_masking_policy AS p
WHERE p.schema_name = :'schema_name'
