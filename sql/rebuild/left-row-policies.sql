-- Row-level security, which a rebuild does not carry over.
SELECT DISTINCT p.polname || ' on ' || p.relname AS what FROM svv_rls_attached_policy AS p WHERE p.relschema = :'schema_name'
