-- What happened to the rows, one row per source. staged = merged + duplicates + other pages + rejected, always.
CREATE TEMP TABLE staging_counts (
  source           VARCHAR(64) NOT NULL,
  rows_staged      BIGINT NOT NULL,
  rows_merged      BIGINT NOT NULL,
  rows_duplicate   BIGINT NOT NULL,
  rows_other_pages BIGINT NOT NULL,
  rows_rejected    BIGINT NOT NULL,
  keys_in_conflict BIGINT NOT NULL,
  plays_healed     BIGINT NOT NULL
)
DISTSTYLE ALL
