-- The tracks to heal whose plays lie inside a range the merge carries; songs/66-heal-cover-range fills it.
CREATE TEMP TABLE covered_tracks (
  song_title    VARCHAR(512) NOT NULL,
  artist_name   VARCHAR(512) NOT NULL,
  song_duration DOUBLE PRECISION NOT NULL
)
DISTSTYLE EVEN
