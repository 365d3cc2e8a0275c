-- When the plays of this batch took place, day by day. They stay as they are in staging, so the survey of them cannot grow old.
INSERT INTO staging_spans (source, first_at, last_at)
SELECT 'events', MIN(e.ts), MAX(e.ts)
FROM staging_events AS e
WHERE RTRIM(e.page, ' ') = 'NextSong'
  AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
  AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
GROUP BY DATE_TRUNC('day', e.ts)
