-- What the loader's database user needs, and no more. create-tables --grant-to runs it, as the owner of the schema.
-- https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
--
-- MERGE reads, inserts and updates; nothing is deleted but an artist who has no song. LOCK asks for a right to change the table.
-- The ledger only grows. Temporary tables are allowed to everyone by default, and so is COPY with a role that is attached to the
-- warehouse; where they were taken from everyone, grant-hardened.sql gives them back.
GRANT USAGE ON SCHEMA :"schema" TO :"grantee";
GRANT SELECT, INSERT, UPDATE ON :"schema".songplays, :"schema".users, :"schema".songs, :"schema"."time" TO :"grantee";
GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".artists TO :"grantee";
GRANT SELECT, INSERT ON :"schema".load_objects, :"schema".load_batches, :"schema".rejected_rows TO :"grantee";
GRANT SELECT, UPDATE ON :"schema".load_lock TO :"grantee";
GRANT SELECT ON :"schema".objects_now, :"schema".freshness, :"schema".schema_version TO :"grantee";
