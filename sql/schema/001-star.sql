-- The star: one fact, four dimensions.
--
-- Lengths are bytes. Text stays as delivered: '' stays '', year 0 stays 0. Primary keys are informational on Redshift, but the
-- planner trusts them; the load keeps them true by merging exactly one row per key.
--
-- songplays is sorted by time, because loads and dashboards both ask for ranges of it; a second sort column would never let a
-- block be skipped and only take space. songplays and time are both distributed by start_time, which is never NULL, evenly
-- spread and what they are joined on, so the join stays on each node. songs and artists change slowly and are joined from
-- everywhere, so every node has a full copy. users and tracks change with every batch, which with a copy on every node would be
-- paid as often as there are nodes, so Redshift decides:
-- https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
--
-- artists is derived from the current songs: a song keeps all columns of its artist, so that another one can take over. tracks is
-- derived from the plays: what was ever played by title, artist and duration, on which days (whole days), and the song it has
-- now. A song that lands after its plays finds by it whether any play needs it, without a look at songplays.
CREATE TABLE IF NOT EXISTS :"schema".songplays (
  songplay_id     CHAR(32) NOT NULL,
  start_time      TIMESTAMP NOT NULL,
  user_id         VARCHAR(64),
  level           VARCHAR(16),
  song_id         VARCHAR(64),
  artist_id       VARCHAR(64),
  session_id      BIGINT NOT NULL,
  item_in_session INTEGER NOT NULL,
  location        VARCHAR(512),
  user_agent      VARCHAR(1024),
  song_title      VARCHAR(512),
  artist_name     VARCHAR(512),
  song_duration   DOUBLE PRECISION,
  batch_id        VARCHAR(64) NOT NULL,
  PRIMARY KEY (songplay_id)
)
DISTKEY (start_time)
SORTKEY (start_time);

CREATE TABLE IF NOT EXISTS :"schema".users (
  user_id              VARCHAR(64) NOT NULL,
  first_name           VARCHAR(128),
  last_name            VARCHAR(128),
  gender               VARCHAR(16),
  level                VARCHAR(16),
  last_event_at        TIMESTAMP NOT NULL,
  last_session_id      BIGINT NOT NULL,
  last_item_in_session INTEGER NOT NULL,
  PRIMARY KEY (user_id)
)
DISTSTYLE AUTO
SORTKEY (user_id);

CREATE TABLE IF NOT EXISTS :"schema".songs (
  song_id          VARCHAR(64) NOT NULL,
  title            VARCHAR(512),
  artist_id        VARCHAR(64),
  year             INTEGER,
  duration         DOUBLE PRECISION,
  artist_name      VARCHAR(512),
  artist_location  VARCHAR(512),
  artist_latitude  DOUBLE PRECISION,
  artist_longitude DOUBLE PRECISION,
  PRIMARY KEY (song_id)
)
DISTSTYLE ALL
SORTKEY (song_id);

CREATE TABLE IF NOT EXISTS :"schema".artists (
  artist_id      VARCHAR(64) NOT NULL,
  name           VARCHAR(512),
  location       VARCHAR(512),
  latitude       DOUBLE PRECISION,
  longitude      DOUBLE PRECISION,
  source_song_id VARCHAR(64) NOT NULL,
  PRIMARY KEY (artist_id)
)
DISTSTYLE ALL
SORTKEY (artist_id);

CREATE TABLE IF NOT EXISTS :"schema".tracks (
  song_title    VARCHAR(512) NOT NULL,
  artist_name   VARCHAR(512) NOT NULL,
  song_duration DOUBLE PRECISION NOT NULL,
  first_played  TIMESTAMP NOT NULL,
  last_played   TIMESTAMP NOT NULL,
  song_id       VARCHAR(64),
  artist_id     VARCHAR(64),
  PRIMARY KEY (song_title, artist_name, song_duration)
)
DISTSTYLE AUTO;

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
