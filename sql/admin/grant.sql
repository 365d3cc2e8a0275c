-- Gives a database user rights on one table or view, and no more than it needs: the loader what the statements of sql/load do to
-- it, others SELECT. create-tables --grant-to and its like run it, as the owner of the schema. Temporary tables are allowed to
-- everyone by default, and so is COPY with a role that is attached to the warehouse; where they were taken from everyone,
-- grant-hardened.sql gives them back.
GRANT :privileges ON :"schema".:"relation" TO :"grantee";
