-- Where COPY puts ratings. No key is declared: duplicates are expected here.
CREATE TEMP TABLE staging_ratings (
  user_id  VARCHAR(64),
  song_id  VARCHAR(64),
  rating   SMALLINT,
  rated_at TIMESTAMP
)
DISTKEY (user_id)
