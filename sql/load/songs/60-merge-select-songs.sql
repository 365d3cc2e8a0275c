-- The songs that are new or changed. A file loaded again changes no row, and a corrected file replaces its row. The appended
-- '.' distinguishes NULL, '' and trailing blanks, which a plain comparison on Redshift does not; DECODE treats two NULLs as
-- equal. The song's previous artist is kept, because that artist's row may now have to come from another song.
CREATE TEMP TABLE merge_songs DISTSTYLE ALL AS
SELECT p.song_id, p.title, p.artist_id, p.year, p.duration, p.artist_name, p.artist_location, p.artist_latitude,
       p.artist_longitude, known.artist_id AS old_artist_id
FROM picked_songs AS p
LEFT JOIN :"schema".songs AS known ON known.song_id = p.song_id
WHERE known.song_id IS NULL
   OR COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')
   OR COALESCE(known.artist_id || '.', '') <> COALESCE(p.artist_id || '.', '')
   OR COALESCE(known.artist_name || '.', '') <> COALESCE(p.artist_name || '.', '')
   OR COALESCE(known.artist_location || '.', '') <> COALESCE(p.artist_location || '.', '')
   OR DECODE(known.year, p.year, 0, 1) = 1
   OR DECODE(known.duration, p.duration, 0, 1) = 1
   OR DECODE(known.artist_latitude, p.artist_latitude, 0, 1) = 1
   OR DECODE(known.artist_longitude, p.artist_longitude, 0, 1) = 1
