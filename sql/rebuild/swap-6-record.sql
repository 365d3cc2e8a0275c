-- Records the swap in the star that it puts in place.
UPDATE :"next".rebuilds SET swapped_at = GETDATE(), seen_at = GETDATE() WHERE run_id = :'run_id'
