-- Drops a schema that is empty by now. It fails when somebody else keeps something there.
DROP SCHEMA :"schema"
