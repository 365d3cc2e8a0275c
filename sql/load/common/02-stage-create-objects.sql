-- The object versions of this batch with the result of each. Written to S3 next to the manifests, so that recording a whole
-- batch costs one COPY.
CREATE TEMP TABLE staging_objects (
  object_id   CHAR(32) NOT NULL,
  bucket      VARCHAR(255) NOT NULL,
  key         VARCHAR(1024) NOT NULL,
  etag        VARCHAR(128),
  version_id  VARCHAR(1024),
  sequencer   VARCHAR(64),
  size_bytes  BIGINT,
  event_time  TIMESTAMP NOT NULL,
  source      VARCHAR(64) NOT NULL,
  replayed    BOOLEAN NOT NULL,
  status      VARCHAR(16) NOT NULL,
  code        VARCHAR(64),
  reason      VARCHAR(2048),
  line        BIGINT,
  column_name VARCHAR(127)
)
DISTKEY (object_id)
