-- The tables and views of a schema, with their owners.
SELECT t.tablename AS relation, t.tableowner AS owner FROM pg_tables AS t WHERE t.schemaname = :'schema_name'
UNION ALL
SELECT v.viewname AS relation, v.viewowner AS owner FROM pg_views AS v WHERE v.schemaname = :'schema_name'
