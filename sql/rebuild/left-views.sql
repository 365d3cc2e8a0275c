-- Views elsewhere that read the schema. A late-binding one finds tables by name and follows; any other keeps to the tables it was
-- made over.
SELECT v.schemaname || '.' || v.viewname AS what
FROM pg_views AS v
WHERE v.schemaname <> :'schema_name' AND v.schemaname NOT IN ('pg_catalog', 'information_schema')
  AND (v.definition LIKE '%' || :'schema_name' || '.%' OR v.definition LIKE '%"' || :'schema_name' || '".%')
