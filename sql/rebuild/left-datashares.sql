-- What is shared with other warehouses: a share knows its tables and not their names.
SELECT DISTINCT d.object_name || ' in datashare ' || d.share_name AS what
FROM svv_datashare_objects AS d
WHERE d.object_name = :'schema_name' OR d.object_name LIKE :'schema_name' || '.%'
