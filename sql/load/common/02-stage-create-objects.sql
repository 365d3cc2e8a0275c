-- The object versions of this batch with the result of each. Written to S3 next to the manifests, so that recording a whole
-- batch costs one COPY. For the same reason the file also has rows of what was noticed in the fields of some objects: in those,
-- and in no others, `noticed` says of which kind, and the object is the first one that has it.
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
  column_name VARCHAR(127),
  noticed     VARCHAR(16),
  field       VARCHAR(320),
  types       VARCHAR(64),
  example     VARCHAR(192),
  found_in    BIGINT,
  out_of      BIGINT
)
DISTKEY (object_id)
