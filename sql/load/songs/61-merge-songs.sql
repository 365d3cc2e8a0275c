-- Songs first: artists are derived from them, and the plays below look them up.
MERGE INTO :"schema".songs
USING merge_songs AS staged
ON :"schema".songs.song_id = staged.song_id
WHEN MATCHED THEN UPDATE SET
  title = staged.title, artist_id = staged.artist_id, year = staged.year, duration = staged.duration,
  artist_name = staged.artist_name, artist_location = staged.artist_location, artist_latitude = staged.artist_latitude,
  artist_longitude = staged.artist_longitude
WHEN NOT MATCHED THEN INSERT
  (song_id, title, artist_id, year, duration, artist_name, artist_location, artist_latitude, artist_longitude)
  VALUES (staged.song_id, staged.title, staged.artist_id, staged.year, staged.duration, staged.artist_name,
    staged.artist_location, staged.artist_latitude, staged.artist_longitude)
