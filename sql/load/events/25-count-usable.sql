-- How many rows were staged and how many of them are rejected, by the rule of events/31-reject-events. Run outside a load, to find files
-- of which no row can be used.
SELECT COUNT(*) AS rows_staged,
       COALESCE(SUM(CASE WHEN e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
                          AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
                         THEN 0 ELSE 1 END), 0) AS rows_rejected
FROM staging_events AS e
