-- The star: one fact, four dimensions.
--
-- Lengths are bytes. Text stays as delivered: '' stays '', year 0 stays 0. Primary keys are informational on Redshift, but the
-- planner trusts them; the load keeps them true by merging exactly one row per key.
--
-- songplays is sorted by time, because loads and dashboards both query time ranges, and distributed by session, because that
-- column is in the merge key, never NULL and evenly spread. song_id is NULL in most rows, so it can be neither. time grows with
-- songplays and is always joined on start_time, so it is distributed and sorted by it. users, songs and artists are small and
-- joined from everywhere, so every node has a full copy. artists is derived from the current songs: a song keeps all columns of
-- its artist, so that another one can take over.
CREATE TABLE IF NOT EXISTS :"schema".songplays (
  songplay_id     CHAR(32) NOT NULL,
  start_time      TIMESTAMP NOT NULL,
  user_id         VARCHAR(64),
  level           VARCHAR(32),
  song_id         VARCHAR(64),
  artist_id       VARCHAR(64),
  session_id      BIGINT NOT NULL,
  item_in_session INTEGER NOT NULL,
  location        VARCHAR(1024),
  user_agent      VARCHAR(2048),
  song_title      VARCHAR(1024),
  artist_name     VARCHAR(1024),
  song_duration   DOUBLE PRECISION,
  batch_id        VARCHAR(64) NOT NULL,
  PRIMARY KEY (songplay_id)
)
DISTKEY (session_id)
COMPOUND SORTKEY (start_time, session_id, item_in_session);

CREATE TABLE IF NOT EXISTS :"schema".users (
  user_id              VARCHAR(64) NOT NULL,
  first_name           VARCHAR(256),
  last_name            VARCHAR(256),
  gender               VARCHAR(32),
  level                VARCHAR(32),
  last_event_at        TIMESTAMP NOT NULL,
  last_session_id      BIGINT NOT NULL,
  last_item_in_session INTEGER NOT NULL,
  PRIMARY KEY (user_id)
)
DISTSTYLE ALL
SORTKEY (user_id);

CREATE TABLE IF NOT EXISTS :"schema".songs (
  song_id          VARCHAR(64) NOT NULL,
  title            VARCHAR(1024),
  artist_id        VARCHAR(64),
  year             INTEGER,
  duration         DOUBLE PRECISION,
  artist_name      VARCHAR(1024),
  artist_location  VARCHAR(1024),
  artist_latitude  DOUBLE PRECISION,
  artist_longitude DOUBLE PRECISION,
  PRIMARY KEY (song_id)
)
DISTSTYLE ALL
SORTKEY (song_id);

CREATE TABLE IF NOT EXISTS :"schema".artists (
  artist_id      VARCHAR(64) NOT NULL,
  name           VARCHAR(1024),
  location       VARCHAR(1024),
  latitude       DOUBLE PRECISION,
  longitude      DOUBLE PRECISION,
  source_song_id VARCHAR(64) NOT NULL,
  PRIMARY KEY (artist_id)
)
DISTSTYLE ALL
SORTKEY (artist_id);

CREATE TABLE IF NOT EXISTS :"schema"."time" (
  start_time TIMESTAMP NOT NULL,
  hour       SMALLINT NOT NULL,
  day        SMALLINT NOT NULL,
  week       SMALLINT NOT NULL,
  month      SMALLINT NOT NULL,
  year       SMALLINT NOT NULL,
  weekday    SMALLINT NOT NULL,
  PRIMARY KEY (start_time)
)
DISTKEY (start_time)
SORTKEY (start_time);
