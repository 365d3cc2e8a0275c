-- The schema itself, and what every upgrade needs. Run before every upgrade, so it is safe to repeat.
--
-- schema_version records which numbered files have run. load_lock has one row, the number of the last batch: every merge and
-- every upgrade locks it before anything else, so they run one after another while readers of the star never wait. rebuilds has
-- one row in a schema that a rebuild makes, or has made: what it went by, who works on it, and when it took the star's place.
CREATE SCHEMA IF NOT EXISTS :"schema";

CREATE TABLE IF NOT EXISTS :"schema".schema_version (
  version    INTEGER NOT NULL,
  applied_at TIMESTAMP NOT NULL
)
DISTSTYLE ALL;

CREATE TABLE IF NOT EXISTS :"schema".load_lock (
  batch_no BIGINT NOT NULL
)
DISTSTYLE ALL;

CREATE TABLE IF NOT EXISTS :"schema".rebuilds (
  run_id     VARCHAR(64) NOT NULL,
  rules      CHAR(32) NOT NULL,
  live_batch BIGINT NOT NULL,
  begun_at   TIMESTAMP NOT NULL,
  seen_at    TIMESTAMP NOT NULL,
  swapped_at TIMESTAMP
)
DISTSTYLE ALL;
