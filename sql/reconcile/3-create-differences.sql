-- What bucket and ledger may differ in, numbered in the order of keys, so that it can be read in pieces. The first columns are
-- NULL for a key that is not listed, those of the ledger for one that it does not know.
CREATE TEMP TABLE staging_differences (
  place         BIGINT NOT NULL,
  key           VARCHAR(1024) NOT NULL,
  etag          VARCHAR(128),
  size_bytes    BIGINT,
  modified_ms   BIGINT,
  ledger_status VARCHAR(16),
  ledger_etag   VARCHAR(128),
  code          VARCHAR(64),
  reason        VARCHAR(2048),
  line          BIGINT,
  event_time_ms BIGINT,
  read_after_ms BIGINT
)
DISTSTYLE EVEN
SORTKEY (place)
