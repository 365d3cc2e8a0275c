-- A song without song_id has no key to merge by. It is kept here with the reason, instead of being dropped. Two rows count as
-- one only if all their values are equal: a text ends with its quotation mark, so trailing blanks count and no value can be
-- mistaken for another; durations and coordinates are compared as numbers, because their text may be rounded.
INSERT INTO staging_rejected (source, reason, content, copies)
SELECT 'songs', r.reason, r.content, r.copies
FROM (
  SELECT t.reason, t.content, COUNT(*) AS copies
  FROM (
    SELECT CASE WHEN s.song_id IS NULL THEN 'song_id is missing' ELSE 'song_id is blank' END AS reason,
           CAST(RTRIM(COALESCE('song_id="' || s.song_id || '" ', '')
             || COALESCE('title="' || REPLACE(s.title, '"', '""') || '" ', '')
             || COALESCE('artist_id="' || REPLACE(s.artist_id, '"', '""') || '" ', '')
             || COALESCE('artist_name="' || REPLACE(s.artist_name, '"', '""') || '" ', '')
             || COALESCE('artist_location="' || REPLACE(s.artist_location, '"', '""') || '" ', '')
             || COALESCE('artist_latitude=' || CAST(s.artist_latitude AS VARCHAR(32)) || ' ', '')
             || COALESCE('artist_longitude=' || CAST(s.artist_longitude AS VARCHAR(32)) || ' ', '')
             || COALESCE('duration=' || CAST(s.duration AS VARCHAR(32)) || ' ', '')
             || COALESCE('year=' || CAST(s.year AS VARCHAR(32)) || ' ', ''), ' ') AS VARCHAR(16384)) AS content,
           s.artist_latitude, s.artist_longitude, s.duration
    FROM staging_songs AS s
    WHERE COALESCE(RTRIM(s.song_id, ' '), '') = ''
  ) AS t
  GROUP BY t.reason, t.content, t.artist_latitude, t.artist_longitude, t.duration
) AS r
