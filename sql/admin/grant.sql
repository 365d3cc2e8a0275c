-- Grants a database user rights on one table or view, and no more than it needs: the loader what the statements of sql/load do
-- to it, others SELECT. create-tables --grant-to and the like run it, as the owner of the schema. Temporary tables are allowed
-- to everyone by default, and so is COPY with a role attached to the warehouse; where they were revoked, grant-hardened.sql
-- grants them.
GRANT :privileges ON :"schema".:"relation" TO :"grantee";
