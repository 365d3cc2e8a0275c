-- One page of a bucket's listing. `ignored` are objects that no load would take: they are here because the ledger may know their
-- keys, which are then not gone. It is distributed as the ledger is, so that the two meet on their node.
CREATE TEMP TABLE staging_listing (
  object_id   CHAR(32) NOT NULL,
  key         VARCHAR(1024) NOT NULL,
  etag        VARCHAR(128) NOT NULL,
  size_bytes  BIGINT NOT NULL,
  modified_ms BIGINT NOT NULL,
  ignored     BOOLEAN NOT NULL
)
DISTKEY (object_id)
