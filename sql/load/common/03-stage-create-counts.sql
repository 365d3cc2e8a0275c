-- What happened to the rows, one row per source. staged = merged + duplicates + skipped + rejected, always. Skipped are rows of
-- a source that do not belong in the star; healed are rows of the star that a late row completed.
CREATE TEMP TABLE staging_counts (
  source           VARCHAR(64) NOT NULL,
  rows_staged      BIGINT NOT NULL,
  rows_merged      BIGINT NOT NULL,
  rows_duplicate   BIGINT NOT NULL,
  rows_skipped     BIGINT NOT NULL,
  rows_rejected    BIGINT NOT NULL,
  keys_in_conflict BIGINT NOT NULL,
  rows_healed      BIGINT NOT NULL
)
DISTSTYLE ALL
