-- The state of a bucket's keys, a page at a time in S3's order, for comparing a listing with the ledger.
--
-- CHR(1) is appended to every key because Redshift ignores trailing blanks in comparisons: without it, a key and the same key
-- with a trailing blank would be equal, and one of them lost between two pages. It changes no order, because no key contains a
-- smaller character. :after is a prefix to start at, or the last key of the previous page with CHR(1) appended.
SELECT o.key, o.status, o.etag, o.code, o.reason, o.line,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.event_time) AS event_time_ms,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', o.read_after) AS read_after_ms
FROM (
  SELECT l.key, l.status, l.etag, l.code, l.reason, l.line, l.event_time, l.read_after,
         ROW_NUMBER() OVER (PARTITION BY l.object_id ORDER BY l.batch_no DESC) AS newest_first
  FROM :"schema".load_objects AS l
  WHERE l.bucket = :bucket AND l.key || CHR(1) > :after
) AS o
WHERE o.newest_first = 1
ORDER BY o.key || CHR(1)
LIMIT :row_limit
