-- The tracks played in this batch, and when: there are far fewer tracks than plays. Titles and names are trimmed, so that
-- trailing blanks never matter. A play without title, artist or length matches no song, so it is of no track. Times are widened
-- to whole days: a track that is played all day changes its row in tracks once a day and not in every batch. Adding 0 makes one
-- number of 0 and -0, which are equal to a join but need not be to GROUP BY.
CREATE TEMP TABLE picked_tracks DISTSTYLE ALL AS
SELECT RTRIM(e.song, ' ') AS song_title, RTRIM(e.artist, ' ') AS artist_name, e.length + 0 AS song_duration,
       DATE_TRUNC('day', MIN(e.ts)) AS first_played,
       DATEADD(ms, 86399999, DATE_TRUNC('day', MAX(e.ts))) AS last_played
FROM staging_events AS e
WHERE RTRIM(e.page, ' ') = 'NextSong'
  AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
  AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
  AND e.song IS NOT NULL AND e.artist IS NOT NULL AND e.length IS NOT NULL
GROUP BY RTRIM(e.song, ' '), RTRIM(e.artist, ' '), e.length + 0
