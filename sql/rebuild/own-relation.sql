-- Gives a table or view of the next schema to the owner of the star so far; ALTER TABLE takes views too
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html).
ALTER TABLE :"schema".:"relation" OWNER TO :"grantee"
