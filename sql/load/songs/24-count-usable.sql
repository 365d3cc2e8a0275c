-- How many rows were staged and how many of them are rejected, by the rule of songs/30-reject-songs. Run outside a load, to find files
-- of which no row can be used.
SELECT COUNT(*) AS rows_staged,
       COALESCE(SUM(CASE WHEN COALESCE(RTRIM(s.song_id, ' '), '') = '' THEN 1 ELSE 0 END), 0) AS rows_rejected
FROM staging_songs AS s
