-- What users think of songs: one row per user and song, the newest rating.
CREATE TABLE IF NOT EXISTS :"schema".ratings (
  user_id  VARCHAR(64) NOT NULL,
  song_id  VARCHAR(64) NOT NULL,
  rating   SMALLINT,
  rated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (user_id, song_id)
)
DISTKEY (user_id)
SORTKEY (user_id, song_id);
