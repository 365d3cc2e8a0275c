-- The next star takes its place; both renamings commit together.
ALTER SCHEMA :"next" RENAME TO :"schema"
