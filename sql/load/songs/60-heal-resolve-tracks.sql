-- Which song each track is that a song merged above has now, by the rule that plays are resolved by.
CREATE TEMP TABLE healed_tracks DISTSTYLE ALL AS
SELECT found.song_title, found.artist_name, found.song_duration, found.song_id, g.artist_id
FROM (
  SELECT t.song_title, t.artist_name, t.song_duration, MIN(s.song_id) AS song_id
  FROM (
    SELECT DISTINCT RTRIM(m.title, ' ') AS song_title, RTRIM(m.artist_name, ' ') AS artist_name, m.duration AS song_duration
    FROM merge_songs AS m
  ) AS t
  JOIN :"schema".songs AS s
    ON RTRIM(s.title, ' ') = t.song_title
   AND RTRIM(s.artist_name, ' ') = t.artist_name
   AND s.duration = t.song_duration
  GROUP BY t.song_title, t.artist_name, t.song_duration
) AS found
JOIN :"schema".songs AS g ON g.song_id = found.song_id
