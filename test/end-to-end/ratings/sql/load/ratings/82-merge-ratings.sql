-- One row per user and song, decided above.
MERGE INTO :"schema".ratings
USING merge_ratings AS staged
ON :"schema".ratings.user_id = staged.user_id AND :"schema".ratings.song_id = staged.song_id
WHEN MATCHED THEN UPDATE SET rating = staged.rating, rated_at = staged.rated_at
WHEN NOT MATCHED THEN INSERT (user_id, song_id, rating, rated_at)
  VALUES (staged.user_id, staged.song_id, staged.rating, staged.rated_at)
