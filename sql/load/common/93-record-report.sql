-- What the loader reports: read in the transaction, trusted once it has committed. Fields that somebody has accepted do not
-- count; a dot is appended because Redshift ignores trailing blanks in comparisons.
SELECT b.batch_no, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', b.committed_at) AS committed_at_ms, b.objects_loaded,
       b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged, b.rows_duplicate, b.rows_skipped,
       b.rows_rejected, b.keys_in_conflict, b.rows_healed, d.fields_drifted
FROM :"schema".load_batches AS b
CROSS JOIN (
  SELECT COUNT(*) AS fields_drifted
  FROM drifted_fields AS f
  LEFT JOIN :"schema".accepted_fields AS a ON a.source = f.source AND a.kind = f.kind AND a.field || '.' = f.field || '.'
  WHERE f.kind <> 'read' AND a.source IS NULL
) AS d
WHERE b.batch_no > :asked AND b.batch_id = :'batch_id'
