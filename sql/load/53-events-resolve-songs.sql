-- Which song each play is of: the one with the play's title, artist name and duration, all three; of several the smallest
-- song_id. Titles and names are trimmed on both sides, so that trailing blanks never decide. Plays of no known song are
-- absent here and stay NULL below.
CREATE TEMP TABLE resolved_songplays DISTKEY (session_id) AS
SELECT found.start_time, found.session_id, found.item_in_session, found.song_id, g.artist_id
FROM (
  SELECT p.start_time, p.session_id, p.item_in_session, MIN(s.song_id) AS song_id
  FROM picked_songplays AS p
  JOIN :"schema".songs AS s
    ON RTRIM(s.title, ' ') = RTRIM(p.song_title, ' ')
   AND RTRIM(s.artist_name, ' ') = RTRIM(p.artist_name, ' ')
   AND s.duration = p.song_duration
  GROUP BY p.start_time, p.session_id, p.item_in_session
) AS found
JOIN :"schema".songs AS g ON g.song_id = found.song_id
