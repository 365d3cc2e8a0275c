-- Which song each track played in this batch is: the one with the track's title, artist name and duration, all three; of
-- several the smallest song_id. Titles and names are trimmed on both sides, so that trailing blanks never decide. There are far
-- fewer tracks than plays. A track of no known song is absent here, and its plays stay NULL below.
CREATE TEMP TABLE resolved_tracks DISTSTYLE ALL AS
SELECT found.song_title, found.artist_name, found.song_duration, found.song_id, g.artist_id
FROM (
  SELECT t.song_title, t.artist_name, t.song_duration, MIN(s.song_id) AS song_id
  FROM (
    SELECT DISTINCT RTRIM(e.song, ' ') AS song_title, RTRIM(e.artist, ' ') AS artist_name, e.length AS song_duration
    FROM staging_events AS e
    WHERE RTRIM(e.page, ' ') = 'NextSong'
  ) AS t
  JOIN :"schema".songs AS s
    ON RTRIM(s.title, ' ') = t.song_title
   AND RTRIM(s.artist_name, ' ') = t.artist_name
   AND s.duration = t.song_duration
  GROUP BY t.song_title, t.artist_name, t.song_duration
) AS found
JOIN :"schema".songs AS g ON g.song_id = found.song_id
