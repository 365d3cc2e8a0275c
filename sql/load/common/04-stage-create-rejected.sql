-- The rows that cannot be used, as rejected_rows will record them.
CREATE TEMP TABLE staging_rejected (
  source  VARCHAR(64) NOT NULL,
  reason  VARCHAR(256) NOT NULL,
  content VARCHAR(16384) NOT NULL,
  copies  BIGINT NOT NULL
)
DISTSTYLE EVEN
