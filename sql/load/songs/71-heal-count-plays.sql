-- How many plays were healed.
UPDATE staging_counts
SET rows_healed = (SELECT COUNT(*) FROM healed_songplays AS h)
WHERE source = 'songs'
