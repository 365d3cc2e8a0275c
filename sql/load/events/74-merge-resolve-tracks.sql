-- The song of each track played in this batch: the one with the track's title, artist name and duration, all three; of several
-- the smallest song_id. A track without a known song keeps NULL, and so do its plays, until songs/65-heal-find-tracks. Beside it
-- the days on which the track was played before, NULL if it never was, so that tracks is read once.
CREATE TEMP TABLE resolved_tracks DISTSTYLE ALL AS
SELECT found.song_title, found.artist_name, found.song_duration, found.first_played, found.last_played, found.song_id,
       g.artist_id, known.first_played AS known_first, known.last_played AS known_last
FROM (
  SELECT t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played, MIN(s.song_id) AS song_id
  FROM picked_tracks AS t
  LEFT JOIN :"schema".songs AS s
    ON RTRIM(s.title, ' ') = t.song_title
   AND RTRIM(s.artist_name, ' ') = t.artist_name
   AND s.duration = t.song_duration
  GROUP BY t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played
) AS found
LEFT JOIN :"schema".songs AS g ON g.song_id = found.song_id
LEFT JOIN :"schema".tracks AS known
  ON known.song_title = found.song_title
 AND known.artist_name = found.artist_name
 AND known.song_duration = found.song_duration
