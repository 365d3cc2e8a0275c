-- This batch's name and number, for the statements below to join. One row.
CREATE TEMP TABLE staging_batch (
  batch_id   VARCHAR(64) NOT NULL,
  batch_no   BIGINT NOT NULL,
  started_at TIMESTAMP NOT NULL,
  read_after TIMESTAMP NOT NULL
)
DISTSTYLE ALL
