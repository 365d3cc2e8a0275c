-- How many of the staged events have each column: one scan, whose counts become one row per column. What stops being sent shows here.
INSERT INTO staging_columns (source, column_name, rows_read, rows_filled)
SELECT 'events', n.column_name, t.n,
       CASE n.column_name
         WHEN 'artist' THEN t.artist
         WHEN 'firstname' THEN t.firstname
         WHEN 'gender' THEN t.gender
         WHEN 'iteminsession' THEN t.iteminsession
         WHEN 'lastname' THEN t.lastname
         WHEN 'length' THEN t.length
         WHEN 'level' THEN t.level
         WHEN 'location' THEN t.location
         WHEN 'page' THEN t.page
         WHEN 'sessionid' THEN t.sessionid
         WHEN 'song' THEN t.song
         WHEN 'ts' THEN t.ts
         WHEN 'useragent' THEN t.useragent
         WHEN 'userid' THEN t.userid
       END
FROM (
  SELECT COUNT(*) AS n,
         COUNT(e.artist) AS artist, COUNT(e.firstname) AS firstname, COUNT(e.gender) AS gender,
         COUNT(e.iteminsession) AS iteminsession, COUNT(e.lastname) AS lastname, COUNT(e.length) AS length,
         COUNT(e.level) AS level, COUNT(e.location) AS location, COUNT(e.page) AS page, COUNT(e.sessionid) AS sessionid,
         COUNT(e.song) AS song, COUNT(e.ts) AS ts, COUNT(e.useragent) AS useragent, COUNT(e.userid) AS userid
  FROM staging_events AS e
) AS t
CROSS JOIN (
  SELECT 'artist' AS column_name
  UNION ALL SELECT 'firstname'
  UNION ALL SELECT 'gender'
  UNION ALL SELECT 'iteminsession'
  UNION ALL SELECT 'lastname'
  UNION ALL SELECT 'length'
  UNION ALL SELECT 'level'
  UNION ALL SELECT 'location'
  UNION ALL SELECT 'page'
  UNION ALL SELECT 'sessionid'
  UNION ALL SELECT 'song'
  UNION ALL SELECT 'ts'
  UNION ALL SELECT 'useragent'
  UNION ALL SELECT 'userid'
) AS n
