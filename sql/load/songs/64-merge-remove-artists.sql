-- An artist whose last song was corrected to another artist has no song left, so the row is removed. Plays carry the artist of
-- their song and are corrected below, so none will reference it.
DELETE FROM :"schema".artists
WHERE artist_id IN (
  SELECT m.old_artist_id
  FROM merge_songs AS m
  LEFT JOIN :"schema".songs AS present ON present.artist_id = m.old_artist_id
  WHERE m.old_artist_id IS NOT NULL AND present.song_id IS NULL
)
