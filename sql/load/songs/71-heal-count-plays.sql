-- How many plays were healed.
UPDATE staging_counts
SET rows_healed = healed.n
FROM (SELECT CAST('songs' AS VARCHAR(64)) AS source, COUNT(*) AS n FROM healed_songplays AS h) AS healed
WHERE staging_counts.source = healed.source
