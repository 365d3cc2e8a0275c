-- The plays of these tracks in this range: those that landed before their song, or whose song was corrected. They get NULL when
-- nothing matches any more. The bound is a literal, so that only the blocks of these times are read; by the check above no play
-- of the tracks lies outside.
INSERT INTO healed_songplays (start_time, session_id, item_in_session, song_id, artist_id)
SELECT p.start_time, p.session_id, p.item_in_session, t.song_id, t.artist_id
FROM :"schema".songplays AS p
JOIN healed_tracks AS t
  ON t.song_title = RTRIM(p.song_title, ' ')
 AND t.artist_name = RTRIM(p.artist_name, ' ')
 AND t.song_duration = p.song_duration
WHERE p.start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'
