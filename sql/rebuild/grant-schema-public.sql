-- Gives everybody a right on the next schema that everybody had.
GRANT :privileges ON SCHEMA :"schema" TO PUBLIC
