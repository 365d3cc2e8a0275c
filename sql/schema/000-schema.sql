-- The schema itself, and the table that says which numbered files it has had. Run before every upgrade, so it is safe to repeat.
CREATE SCHEMA IF NOT EXISTS :"schema";

CREATE TABLE IF NOT EXISTS :"schema".schema_version (
  version    INTEGER NOT NULL,
  applied_at TIMESTAMP NOT NULL
)
DISTSTYLE ALL;
