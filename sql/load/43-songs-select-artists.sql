-- An artist comes with several spellings, one on each song. The song with the smallest song_id decides, among those staged
-- and the one the current row came from, so the result does not depend on which arrived first.
CREATE TEMP TABLE merge_artists DISTSTYLE ALL AS
SELECT c.artist_id, c.artist_name AS name, c.artist_location AS location, c.artist_latitude AS latitude,
       c.artist_longitude AS longitude, c.song_id AS source_song_id
FROM (
  SELECT p.artist_id, p.artist_name, p.artist_location, p.artist_latitude, p.artist_longitude, p.song_id,
         ROW_NUMBER() OVER (PARTITION BY p.artist_id ORDER BY p.song_id) AS pick_order
  FROM picked_songs AS p
  WHERE COALESCE(p.artist_id, '') <> ''
) AS c
LEFT JOIN :"schema".artists AS known ON known.artist_id = c.artist_id
WHERE c.pick_order = 1
  AND (known.artist_id IS NULL
    OR c.song_id < known.source_song_id
    OR (c.song_id = known.source_song_id
      AND (COALESCE(known.name || '.', '') <> COALESCE(c.artist_name || '.', '')
        OR COALESCE(known.location || '.', '') <> COALESCE(c.artist_location || '.', '')
        OR DECODE(known.latitude, c.artist_latitude, 0, 1) = 1
        OR DECODE(known.longitude, c.artist_longitude, 0, 1) = 1)))
