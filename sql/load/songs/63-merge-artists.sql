-- One row per artist_id, selected above.
MERGE INTO :"schema".artists
USING merge_artists AS staged
ON :"schema".artists.artist_id = staged.artist_id
WHEN MATCHED THEN UPDATE SET
  name = staged.name, location = staged.location, latitude = staged.latitude, longitude = staged.longitude,
  source_song_id = staged.source_song_id
WHEN NOT MATCHED THEN INSERT (artist_id, name, location, latitude, longitude, source_song_id)
  VALUES (staged.artist_id, staged.name, staged.location, staged.latitude, staged.longitude, staged.source_song_id)
