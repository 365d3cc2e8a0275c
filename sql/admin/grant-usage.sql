-- Lets a database user name what is in the schema (https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html); what it may do
-- there is granted table by table.
GRANT USAGE ON SCHEMA :"schema" TO :"grantee";
