-- An event without ts, sessionId or itemInSession has no key to merge by and no place in the order of events. One whose ts is
-- outside the years 1 to 9999 is a mistake, often microseconds taken for milliseconds: Redshift stores times up to the year
-- 294276, but most clients cannot read them. Both are kept here with the reason, instead of being dropped or failing their
-- file. Two rows count as one only if all their values are equal: a text ends with its quotation mark, so trailing blanks count
-- and no value can be mistaken for another; lengths are compared as numbers, because their text may be rounded. ts is written
-- as delivered; the difference is taken from 2000, the origin of PostgreSQL's times, so that it never overflows.
INSERT INTO staging_rejected (source, reason, content, copies)
SELECT 'events', r.reason, r.content, r.copies
FROM (
  SELECT t.reason, t.content, COUNT(*) AS copies
  FROM (
    SELECT RTRIM(CASE WHEN e.ts IS NULL THEN 'ts is missing, '
                      WHEN e.ts NOT BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
                        THEN 'ts is outside the years 1 to 9999, '
                      ELSE '' END
             || CASE WHEN e.sessionid IS NULL THEN 'sessionId is missing, ' ELSE '' END
             || CASE WHEN e.iteminsession IS NULL THEN 'itemInSession is missing, ' ELSE '' END, ', ') AS reason,
           CAST(RTRIM(
             COALESCE('ts=' || CAST(DATEDIFF(ms, TIMESTAMP '2000-01-01 00:00:00', e.ts) + 946684800000 AS VARCHAR(32))
                      || ' ', '')
             || COALESCE('sessionId=' || CAST(e.sessionid AS VARCHAR(32)) || ' ', '')
             || COALESCE('itemInSession=' || CAST(e.iteminsession AS VARCHAR(32)) || ' ', '')
             || COALESCE('page="' || REPLACE(e.page, '"', '""') || '" ', '')
             || COALESCE('userId="' || REPLACE(e.userid, '"', '""') || '" ', '')
             || COALESCE('firstName="' || REPLACE(e.firstname, '"', '""') || '" ', '')
             || COALESCE('lastName="' || REPLACE(e.lastname, '"', '""') || '" ', '')
             || COALESCE('gender="' || REPLACE(e.gender, '"', '""') || '" ', '')
             || COALESCE('level="' || REPLACE(e.level, '"', '""') || '" ', '')
             || COALESCE('song="' || REPLACE(e.song, '"', '""') || '" ', '')
             || COALESCE('artist="' || REPLACE(e.artist, '"', '""') || '" ', '')
             || COALESCE('length=' || CAST(e.length AS VARCHAR(32)) || ' ', '')
             || COALESCE('location="' || REPLACE(e.location, '"', '""') || '" ', '')
             || COALESCE('userAgent="' || REPLACE(e.useragent, '"', '""') || '" ', ''), ' ') AS VARCHAR(16384)) AS content,
           e.length
    FROM staging_events AS e
    WHERE e.ts IS NULL OR e.ts NOT BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
       OR e.sessionid IS NULL OR e.iteminsession IS NULL
  ) AS t
  GROUP BY t.reason, t.content, t.length
) AS r
