-- Lets a database user name objects of the schema (https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html); rights on them
-- are granted table by table.
GRANT USAGE ON SCHEMA :"schema" TO :"grantee";
