-- The plays to heal with the song they get; songs/68-heal-find-plays fills it, range by range.
CREATE TEMP TABLE healed_songplays (
  start_time      TIMESTAMP NOT NULL,
  session_id      BIGINT NOT NULL,
  item_in_session INTEGER NOT NULL,
  song_id         VARCHAR(64),
  artist_id       VARCHAR(64)
)
DISTKEY (start_time)
