-- Where COPY puts app events. Their keys are camelCase; 'auto ignorecase' matches them to these columns. Only the columns
-- the star needs are here, so a surprise in a key nobody uses stops no file. No key is declared: duplicates are expected.
CREATE TEMP TABLE staging_events (
  artist        VARCHAR(1024),
  firstname     VARCHAR(256),
  gender        VARCHAR(32),
  iteminsession INTEGER,
  lastname      VARCHAR(256),
  length        DOUBLE PRECISION,
  level         VARCHAR(32),
  location      VARCHAR(1024),
  page          VARCHAR(256),
  sessionid     BIGINT,
  song          VARCHAR(1024),
  ts            TIMESTAMP,
  useragent     VARCHAR(2048),
  userid        VARCHAR(64)
)
DISTKEY (sessionid)
