-- One row per song_id: MERGE would insert every duplicate of a new key, and fail on duplicates of an existing one. Copies are
-- usually identical. Where they differ, the smallest content wins, whatever order COPY delivered the rows in: first by a hash
-- of the text (which, unlike Redshift's comparison, sees trailing blanks), then by the numbers. They conflict when not all
-- copies equal the winner; a value and NULL differ too.
CREATE TEMP TABLE picked_songs DISTSTYLE ALL AS
SELECT ranked.song_id, ranked.title, ranked.artist_id, ranked.artist_name, ranked.artist_location, ranked.artist_latitude,
       ranked.artist_longitude, ranked.duration, ranked.year, ranked.copies, ranked.in_conflict
FROM (
  SELECT h.song_id, h.title, h.artist_id, h.artist_name, h.artist_location, h.artist_latitude, h.artist_longitude, h.duration,
         h.year,
         COUNT(*) OVER (PARTITION BY h.song_id) AS copies,
         CASE WHEN COUNT(*) OVER (
                     PARTITION BY h.song_id, h.text_hash, h.duration, h.year, h.artist_latitude, h.artist_longitude
                   ) < COUNT(*) OVER (PARTITION BY h.song_id)
              THEN 1 ELSE 0 END AS in_conflict,
         ROW_NUMBER() OVER (
           PARTITION BY h.song_id
           ORDER BY h.text_hash, h.duration, h.year, h.artist_latitude, h.artist_longitude
         ) AS pick_order
  FROM (
    SELECT RTRIM(s.song_id, ' ') AS song_id, s.title, RTRIM(s.artist_id, ' ') AS artist_id, s.artist_name, s.artist_location,
           s.artist_latitude, s.artist_longitude, s.duration, s.year,
           MD5(COALESCE(s.title || '.', '') || '|' || COALESCE(RTRIM(s.artist_id, ' ') || '.', '') || '|'
               || COALESCE(s.artist_name || '.', '') || '|' || COALESCE(s.artist_location || '.', '')) AS text_hash
    FROM staging_songs AS s
    WHERE COALESCE(RTRIM(s.song_id, ' '), '') <> ''
  ) AS h
) AS ranked
WHERE ranked.pick_order = 1
