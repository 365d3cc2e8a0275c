-- Sums over the batches since a time, from which a load's seconds are fitted to its objects (o) and bytes (b): one row, whatever
-- the number of batches. committed_at is in whole seconds, so half a second is added, which is what it lacks on average.
SELECT COUNT(*) AS one, SUM(x.o) AS o, SUM(x.b) AS b, SUM(x.t) AS t, SUM(x.o * x.o) AS oo, SUM(x.o * x.b) AS ob,
       SUM(x.b * x.b) AS bb, SUM(x.o * x.t) AS ot, SUM(x.b * x.t) AS bt, SUM(x.t * x.t) AS tt
FROM (
  SELECT CAST(l.objects_loaded AS DOUBLE PRECISION) AS o, CAST(l.bytes_loaded AS DOUBLE PRECISION) AS b,
         CAST(DATEDIFF(ms, l.started_at, l.committed_at) + :half_second_ms AS DOUBLE PRECISION) / 1000 AS t
  FROM :"schema".load_batches AS l
  WHERE l.batch_no >= :first_batch AND l.started_at >= TIMESTAMP :'since' AND l.objects_loaded > 0
) AS x
