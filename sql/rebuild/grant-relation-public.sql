-- Gives everybody a right on one table or view of the next schema that everybody had.
GRANT :privileges ON :"schema".:"relation" TO PUBLIC
