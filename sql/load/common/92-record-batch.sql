-- One row per committed batch: its contents and the counts of its rows.
INSERT INTO :"schema".load_batches
  (batch_id, batch_no, started_at, committed_at, objects_loaded, objects_quarantined, objects_vanished, bytes_loaded,
   rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT :'batch_id', (SELECT n.batch_no FROM :"schema".load_lock AS n), TIMESTAMP :'started_at', GETDATE(), objects.loaded,
       objects.quarantined, objects.vanished, objects.bytes_loaded, counts.staged, counts.merged, counts.duplicate,
       counts.skipped, counts.rejected, counts.in_conflict, counts.healed
FROM (
  SELECT COALESCE(SUM(CASE WHEN o.status = 'loaded' THEN 1 ELSE 0 END), 0) AS loaded,
         COALESCE(SUM(CASE WHEN o.status = 'quarantined' THEN 1 ELSE 0 END), 0) AS quarantined,
         COALESCE(SUM(CASE WHEN o.status = 'vanished' THEN 1 ELSE 0 END), 0) AS vanished,
         COALESCE(SUM(CASE WHEN o.status = 'loaded' THEN o.size_bytes ELSE 0 END), 0) AS bytes_loaded
  FROM staging_objects AS o
  WHERE o.noticed IS NULL
) AS objects
CROSS JOIN (
  SELECT COALESCE(SUM(c.rows_staged), 0) AS staged, COALESCE(SUM(c.rows_merged), 0) AS merged,
         COALESCE(SUM(c.rows_duplicate), 0) AS duplicate, COALESCE(SUM(c.rows_skipped), 0) AS skipped,
         COALESCE(SUM(c.rows_rejected), 0) AS rejected, COALESCE(SUM(c.keys_in_conflict), 0) AS in_conflict,
         COALESCE(SUM(c.rows_healed), 0) AS healed
  FROM staging_counts AS c
) AS counts
