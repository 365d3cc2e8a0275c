-- Gives to whom it was given before a right on one table or view of the next schema.
GRANT :privileges ON :"schema".:"relation" TO :kind :"grantee" :option
