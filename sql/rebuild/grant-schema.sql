-- Gives to whom it was given before a right on the next schema.
GRANT :privileges ON SCHEMA :"schema" TO :kind :"grantee" :option
