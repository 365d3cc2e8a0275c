-- A sign of life: as long as it is given, nobody else takes the rebuild for abandoned.
UPDATE :"next".rebuilds SET seen_at = GETDATE() WHERE run_id = :'run_id'
