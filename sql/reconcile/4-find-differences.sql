-- Every listed object but those that are surely loaded, with the ledger's newest row of its key, and every key of the ledger
-- between the ends of the page that is not listed. What each of them means is judged by src/catch-up/compare.ts, which would call
-- loaded what is left out here, and nothing else of it is known to this statement.
--
-- It is one scan of the ledger's columns below, whatever the number of keys: no key bound skips a block, because the ledger is
-- sorted by batch. Windows and joins have the page's rows only. At most row_limit differences are kept, the first ones by key;
-- the next page begins after the last of them.
--
-- CHR(1) is appended to every key because Redshift ignores trailing blanks in comparisons: without it, a key and the same key
-- with a trailing blank would be equal, and one of them lost between two pages. It changes no order, because no key contains a
-- smaller character. The etags have it for the same reason. The prefix has it in front, because a parameter may not be empty.
INSERT INTO staging_differences
  (place, key, etag, size_bytes, modified_ms, ledger_status, ledger_etag, code, reason, line, event_time_ms, read_after_ms)
SELECT ROW_NUMBER() OVER (ORDER BY d.key || CHR(1)), d.key, d.etag, d.size_bytes, d.modified_ms, d.ledger_status, d.ledger_etag,
       d.code, d.reason, d.line, d.event_time_ms, d.read_after_ms
FROM (
  SELECT COALESCE(s.key, n.key) AS key, s.etag, s.size_bytes, s.modified_ms, n.status AS ledger_status, n.etag AS ledger_etag,
         n.code, n.reason, n.line, n.event_time_ms, n.read_after_ms
  FROM staging_listing AS s
  FULL JOIN (
    SELECT r.object_id, r.key, r.status, r.etag, r.code, r.reason, r.line, r.event_time_ms, r.read_after_ms
    FROM (
      SELECT l.object_id, l.key, l.status, l.etag, l.code, l.reason, l.line,
             DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', l.event_time) AS event_time_ms,
             DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', l.read_after) AS read_after_ms,
             ROW_NUMBER() OVER (PARTITION BY l.object_id ORDER BY l.batch_no DESC) AS newest_first
      FROM :"schema".load_objects AS l
      WHERE l.bucket = :bucket
        AND LEFT(CHR(1) || l.key, LEN(CAST(:prefix AS VARCHAR(1025)))) || CHR(1) = :prefix || CHR(1)
        AND l.key || CHR(1) > :after
        AND (CAST(:last_page AS VARCHAR(3)) = 'yes' OR l.key || CHR(1) <= :up_to)
    ) AS r
    WHERE r.newest_first = 1
  ) AS n ON n.object_id = s.object_id
  WHERE s.object_id IS NULL
     OR (NOT s.ignored
         AND CASE WHEN n.status = 'loaded' AND n.etag || CHR(1) = s.etag || CHR(1)
                   AND n.event_time_ms >= s.modified_ms AND n.read_after_ms >= s.modified_ms THEN 0 ELSE 1 END = 1)
  ORDER BY COALESCE(s.key, n.key) || CHR(1)
  LIMIT :row_limit
) AS d
