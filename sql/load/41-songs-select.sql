-- The songs that are new or say something new. A file loaded again changes no row, and a corrected file replaces its row.
-- The appended '.' makes NULL, '' and trailing blanks differ, which a plain comparison on Redshift does not; DECODE takes
-- two NULLs for equal.
CREATE TEMP TABLE merge_songs DISTSTYLE ALL AS
SELECT p.song_id, p.title, p.artist_id, p.year, p.duration, p.artist_name
FROM picked_songs AS p
LEFT JOIN :"schema".songs AS known ON known.song_id = p.song_id
WHERE known.song_id IS NULL
   OR COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')
   OR COALESCE(known.artist_id || '.', '') <> COALESCE(p.artist_id || '.', '')
   OR COALESCE(known.artist_name || '.', '') <> COALESCE(p.artist_name || '.', '')
   OR DECODE(known.year, p.year, 0, 1) = 1
   OR DECODE(known.duration, p.duration, 0, 1) = 1
