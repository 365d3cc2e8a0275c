-- Gives the rebuild up, so that the next run need not wait until this one is taken for dead.
UPDATE :"next".rebuilds SET seen_at = DATEADD(seconds, -61, GETDATE()) WHERE run_id = :'run_id' AND swapped_at IS NULL
