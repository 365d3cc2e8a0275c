-- What the batches since a time took: the sum of their seconds, and the time that a Serverless warehouse is paid for, which is 60 s
-- for each batch at least, and no second twice. A batch pays for what lies behind all that was paid for before it. committed_at is in
-- whole seconds, so half a second is what it lacks on average.
SELECT COUNT(*) AS batches, COALESCE(SUM(p.objects), 0) AS objects, COALESCE(SUM(p.ended_ms - p.started_ms), 0) AS busy_ms,
       COALESCE(SUM(CASE WHEN p.paid_before IS NULL OR p.started_ms > p.paid_before THEN p.paid_until - p.started_ms
                         WHEN p.paid_until > p.paid_before THEN p.paid_until - p.paid_before
                         ELSE 0 END), 0) AS billed_ms,
       COALESCE(SUM(CASE WHEN p.paid_before IS NULL OR p.started_ms > p.paid_before THEN 1 ELSE 0 END), 0) AS wake_ups
FROM (
  SELECT e.objects, e.started_ms, e.ended_ms, e.paid_until,
         MAX(e.paid_until) OVER (ORDER BY e.started_ms, e.batch_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS paid_before
  FROM (
    SELECT t.batch_no, t.objects, t.started_ms, t.ended_ms,
           CASE WHEN t.ended_ms > t.started_ms + 1000 * :minimum_seconds THEN t.ended_ms
                ELSE t.started_ms + 1000 * :minimum_seconds END AS paid_until
    FROM (
      SELECT b.batch_no, b.objects_loaded + b.objects_quarantined AS objects,
             DATEDIFF(ms, TIMESTAMP :'since', b.started_at) AS started_ms,
             CASE WHEN DATEDIFF(ms, b.started_at, b.committed_at) > -:half_second_ms
                  THEN DATEDIFF(ms, TIMESTAMP :'since', b.committed_at) + :half_second_ms
                  ELSE DATEDIFF(ms, TIMESTAMP :'since', b.started_at) END AS ended_ms
      FROM :"schema".load_batches AS b
      WHERE b.batch_no >= :first_batch AND b.started_at >= TIMESTAMP :'since'
    ) AS t
  ) AS e
) AS p
