-- What one batch recorded, like sql/load/common/93-record-report: asked when the reply to its merge was lost and its session is
-- gone. No row means that it did not commit.
SELECT b.batch_no, b.objects_loaded, b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged,
       b.rows_duplicate, b.rows_skipped, b.rows_rejected, b.keys_in_conflict, b.rows_healed, d.fields_drifted
FROM :"schema".load_batches AS b
CROSS JOIN (
  SELECT COUNT(*) AS fields_drifted
  FROM :"schema".load_fields AS f
  LEFT JOIN :"schema".accepted_fields AS a ON a.source = f.source AND a.kind = f.kind AND a.field || '.' = f.field || '.'
  WHERE f.batch_id = :batch_id AND f.kind <> 'read' AND a.source IS NULL
) AS d
WHERE b.batch_id = :batch_id
