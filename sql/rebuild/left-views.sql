-- Views elsewhere that read the schema, materialized ones among them (pg_views has those too, as dbt-redshift relies on). A
-- late-binding one finds tables by name and follows; any other keeps to the tables it was made over. stv_mv_deps would not do: it
-- knows only materialized views over materialized views (https://docs.aws.amazon.com/redshift/latest/dg/r_STV_MV_DEPS.html).
SELECT v.schemaname || '.' || v.viewname AS what
FROM pg_views AS v
WHERE v.schemaname <> :'schema_name' AND v.schemaname NOT IN ('pg_catalog', 'information_schema')
  AND (v.definition LIKE '%' || :'schema_name' || '.%' OR v.definition LIKE '%"' || :'schema_name' || '".%')
