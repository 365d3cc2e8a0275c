-- A song without song_id has no key to be merged by. It is kept here as text, with the reason, instead of being dropped.
-- Rows are named by their text, so the same file loaded twice adds nothing.
INSERT INTO :"schema".rejected_rows (row_id, source, reason, row_text, batch_id, batch_no)
SELECT r.row_id, 'songs', 'song_id is missing or blank', MAX(r.row_text), MAX(b.batch_id), MAX(b.batch_no)
FROM (
  SELECT MD5('songs|' || t.row_text) AS row_id, LEFT(t.row_text, 4000) AS row_text
  FROM (
    SELECT 'title=' || COALESCE(s.title, '') || ' artist_id=' || COALESCE(s.artist_id, '')
           || ' artist_name=' || COALESCE(s.artist_name, '') || ' duration=' || COALESCE(CAST(s.duration AS VARCHAR(32)), '')
           || ' year=' || COALESCE(CAST(s.year AS VARCHAR(16)), '') AS row_text
    FROM staging_songs AS s
    WHERE COALESCE(RTRIM(s.song_id, ' '), '') = ''
  ) AS t
) AS r
CROSS JOIN staging_batch AS b
LEFT JOIN :"schema".rejected_rows AS known ON known.row_id = r.row_id
WHERE known.row_id IS NULL
GROUP BY r.row_id
