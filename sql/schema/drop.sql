-- Removes what the numbered files made, and nothing else that may live in the schema. create-tables --drop runs it.
DROP VIEW IF EXISTS :"schema".freshness;
DROP VIEW IF EXISTS :"schema".objects_now;
DROP TABLE IF EXISTS :"schema".rejected_rows;
DROP TABLE IF EXISTS :"schema".load_batches;
DROP TABLE IF EXISTS :"schema".load_objects;
DROP TABLE IF EXISTS :"schema".load_lock;
DROP TABLE IF EXISTS :"schema"."time";
DROP TABLE IF EXISTS :"schema".artists;
DROP TABLE IF EXISTS :"schema".songs;
DROP TABLE IF EXISTS :"schema".users;
DROP TABLE IF EXISTS :"schema".songplays;
DROP TABLE IF EXISTS :"schema".schema_version;
