-- Goes on with a rebuild of whom nothing was seen for some time. Of two that claim it at once, one meets a conflict.
UPDATE :"next".rebuilds
SET run_id = :'run_id', seen_at = GETDATE()
WHERE swapped_at IS NULL AND seen_at < DATEADD(seconds, -60, GETDATE())
