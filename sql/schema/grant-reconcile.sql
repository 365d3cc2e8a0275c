-- What the scheduled reconcile's database user needs: it reads the ledger and nothing of the star, and changes nothing.
-- create-tables --grant-reconcile-to runs it, as the owner of the schema.
GRANT USAGE ON SCHEMA :"schema" TO :"grantee";
GRANT SELECT ON :"schema".load_objects, :"schema".objects_now TO :"grantee";
