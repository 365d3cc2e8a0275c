-- The target of COPY for app events. Their keys are camelCase; 'auto ignorecase' matches them to these columns. Only the
-- columns the star needs are here, so an unexpected value in an unused key stops no file. No key is declared: duplicates are
-- expected.
CREATE TEMP TABLE staging_events (
  artist        VARCHAR(512),
  firstname     VARCHAR(128),
  gender        VARCHAR(16),
  iteminsession INTEGER,
  lastname      VARCHAR(128),
  length        DOUBLE PRECISION,
  level         VARCHAR(16),
  location      VARCHAR(512),
  page          VARCHAR(64),
  sessionid     BIGINT,
  song          VARCHAR(512),
  ts            TIMESTAMP,
  useragent     VARCHAR(1024),
  userid        VARCHAR(64)
)
DISTKEY (ts)
