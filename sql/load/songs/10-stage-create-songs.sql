-- The target of COPY for songs. Columns are the file's keys that the star needs. No key is declared: duplicates are expected.
CREATE TEMP TABLE staging_songs (
  song_id          VARCHAR(64),
  title            VARCHAR(512),
  artist_id        VARCHAR(64),
  artist_name      VARCHAR(512),
  artist_location  VARCHAR(512),
  artist_latitude  DOUBLE PRECISION,
  artist_longitude DOUBLE PRECISION,
  duration         DOUBLE PRECISION,
  year             INTEGER
)
DISTSTYLE EVEN
