-- What somebody needs who asks the star questions: the five tables, the state of every file, and how fresh they are.
-- create-tables --grant-read-to runs it, as the owner of the schema.
GRANT USAGE ON SCHEMA :"schema" TO :"grantee";
GRANT SELECT ON :"schema".songplays, :"schema".users, :"schema".songs, :"schema".artists, :"schema"."time" TO :"grantee";
GRANT SELECT ON :"schema".objects_now, :"schema".freshness TO :"grantee";
