-- What was noticed in the fields of some objects of a page, as sql/load/common/02-stage-create-objects has it of a batch.
CREATE TEMP TABLE staging_fields (
  bucket     VARCHAR(255) NOT NULL,
  key        VARCHAR(1024) NOT NULL,
  event_time TIMESTAMP NOT NULL,
  source     VARCHAR(64) NOT NULL,
  noticed    VARCHAR(16) NOT NULL,
  field      VARCHAR(320) NOT NULL,
  types      VARCHAR(64),
  example    VARCHAR(192),
  found_in   BIGINT NOT NULL,
  out_of     BIGINT NOT NULL
)
DISTSTYLE EVEN
