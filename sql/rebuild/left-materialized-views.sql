-- Materialized views elsewhere that read the schema: they keep to the tables they were made over.
SELECT DISTINCT TRIM(m.schema) || '.' || TRIM(m.name) AS what
FROM stv_mv_deps AS m
WHERE TRIM(m.ref_schema) = :'schema_name' AND TRIM(m.schema) <> :'schema_name'
