-- Fields that files have and nobody expects, or lack, or hold as another type, and columns that are NULL more often than before:
-- one row per source, kind and field, with the first file that showed it. `looked` is how many files of the source were looked at
-- since then, all batches counted; for a column it is rows, of the batches that showed it. A sum of numbers that run backwards
-- finds it by one equality, because the batch that showed a field first has a row for its looks. Batches before :first_batch are
-- left out, as a literal. What somebody accepted is not here; dots are appended because Redshift ignores trailing blanks.
SELECT d.source, d.kind, d.field, d.types, d.example, d.bucket, d.key, d.batch_id, d.batch_no, d.found_in,
       CASE WHEN d.kind = 'empty' THEN d.out_of ELSE COALESCE(t.looked, d.out_of) END AS looked,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', d.first_event) AS first_event_ms,
       CAST(d.first_seen AS VARCHAR(19)) AS first_seen, CAST(d.last_seen AS VARCHAR(19)) AS last_seen
FROM (
  SELECT f.source, f.kind, f.field, f.types, f.example, f.bucket, f.key, f.batch_id, f.batch_no,
         SUM(f.found_in) OVER (PARTITION BY f.source, f.kind, f.field || '.') AS found_in,
         SUM(f.out_of) OVER (PARTITION BY f.source, f.kind, f.field || '.') AS out_of,
         MIN(f.event_time) OVER (PARTITION BY f.source, f.kind, f.field || '.') AS first_event,
         MIN(f.noticed_at) OVER (PARTITION BY f.source, f.kind, f.field || '.') AS first_seen,
         MAX(f.noticed_at) OVER (PARTITION BY f.source, f.kind, f.field || '.') AS last_seen,
         ROW_NUMBER() OVER (
           PARTITION BY f.source, f.kind, f.field || '.'
           ORDER BY f.batch_no, f.event_time, f.key, f.batch_id
         ) AS first_of_all
  FROM :"schema".load_fields AS f
  LEFT JOIN :"schema".accepted_fields AS a ON a.source = f.source AND a.kind = f.kind AND a.field || '.' = f.field || '.'
  WHERE f.batch_no >= :first_batch AND f.kind <> 'read' AND a.source IS NULL
) AS d
LEFT JOIN (
  SELECT r.source, r.batch_no,
         SUM(r.looked) OVER (
           PARTITION BY r.source ORDER BY r.batch_no DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
         ) AS looked
  FROM (
    SELECT l.source, l.batch_no, SUM(l.out_of) AS looked
    FROM :"schema".load_fields AS l
    WHERE l.batch_no >= :first_batch AND l.kind = 'read'
    GROUP BY l.source, l.batch_no
  ) AS r
) AS t ON t.source = d.source AND t.batch_no = d.batch_no
WHERE d.first_of_all = 1
ORDER BY d.source, d.kind, d.field
LIMIT :row_limit
