-- One upgrade at a time: two people may run create-tables at once.
LOCK :"schema".schema_version;
