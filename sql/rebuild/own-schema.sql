-- Gives the next schema to the owner of the star so far.
ALTER SCHEMA :"schema" OWNER TO :"grantee"
