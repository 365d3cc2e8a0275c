-- The batches that recorded some objects since a time, also those whose rows later ones superseded: asked when a message comes
-- again, about objects that were recorded after it was first received, because the event of such a batch may never have been sent.
-- A row for each source of which a batch loaded files, or one without a source, with one of the objects. recorded_at grows with
-- batch_no, by which both tables are sorted, so the literals let Redshift skip the blocks before it. All rows of a batch have one
-- recorded_at.
SELECT b.batch_no, b.batch_id, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', b.committed_at) AS committed_at_ms, b.objects_loaded,
       b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged, b.rows_duplicate, b.rows_skipped,
       b.rows_rejected, b.keys_in_conflict, b.rows_healed, 0 AS fields_drifted, recorded.object_id, loaded.source
FROM :"schema".load_batches AS b
JOIN (
  SELECT o.batch_no, MAX(o.object_id) AS object_id
  FROM :"schema".load_objects AS o
  WHERE o.recorded_at >= TIMESTAMP :'since' AND o.object_id IN (:'object_ids')
  GROUP BY o.batch_no
) AS recorded ON recorded.batch_no = b.batch_no
LEFT JOIN (
  SELECT DISTINCT l.batch_no, l.source
  FROM :"schema".load_objects AS l
  WHERE l.recorded_at >= TIMESTAMP :'since' AND l.status = 'loaded'
) AS loaded ON loaded.batch_no = b.batch_no
WHERE b.committed_at >= TIMESTAMP :'since'
ORDER BY b.batch_no, loaded.source
