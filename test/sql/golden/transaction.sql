-- ==== songs and events, plain and gzip ====

-- stage: common/01-stage-set-timezone
SET timezone TO 'UTC';

-- stage: common/02-stage-create-objects
CREATE TEMP TABLE staging_objects (
  object_id   CHAR(32) NOT NULL,
  bucket      VARCHAR(255) NOT NULL,
  key         VARCHAR(1024) NOT NULL,
  etag        VARCHAR(128),
  version_id  VARCHAR(1024),
  sequencer   VARCHAR(64),
  size_bytes  BIGINT,
  event_time  TIMESTAMP NOT NULL,
  source      VARCHAR(64) NOT NULL,
  replayed    BOOLEAN NOT NULL,
  status      VARCHAR(16) NOT NULL,
  code        VARCHAR(64),
  reason      VARCHAR(2048),
  line        BIGINT,
  column_name VARCHAR(127),
  noticed     VARCHAR(16),
  field       VARCHAR(320),
  types       VARCHAR(64),
  example     VARCHAR(192),
  found_in    BIGINT,
  out_of      BIGINT
)
DISTKEY (object_id);

-- stage: common/03-stage-create-counts
CREATE TEMP TABLE staging_counts (
  source           VARCHAR(64) NOT NULL,
  rows_staged      BIGINT NOT NULL,
  rows_merged      BIGINT NOT NULL,
  rows_duplicate   BIGINT NOT NULL,
  rows_skipped     BIGINT NOT NULL,
  rows_rejected    BIGINT NOT NULL,
  keys_in_conflict BIGINT NOT NULL,
  rows_healed      BIGINT NOT NULL
)
DISTSTYLE ALL;

-- stage: common/04-stage-create-rejected
CREATE TEMP TABLE staging_rejected (
  source  VARCHAR(64) NOT NULL,
  reason  VARCHAR(256) NOT NULL,
  content VARCHAR(16384) NOT NULL,
  copies  BIGINT NOT NULL
)
DISTSTYLE EVEN;

-- stage: common/05-stage-create-spans
CREATE TEMP TABLE staging_spans (
  source   VARCHAR(64) NOT NULL,
  first_at TIMESTAMP NOT NULL,
  last_at  TIMESTAMP NOT NULL
)
DISTSTYLE EVEN;

-- stage: common/06-stage-create-columns
CREATE TEMP TABLE staging_columns (
  source      VARCHAR(64) NOT NULL,
  column_name VARCHAR(127) NOT NULL,
  rows_read   BIGINT NOT NULL,
  rows_filled BIGINT NOT NULL
)
DISTSTYLE ALL;

-- stage: songs/10-stage-create-songs
CREATE TEMP TABLE staging_songs (
  song_id          VARCHAR(64),
  title            VARCHAR(512),
  artist_id        VARCHAR(64),
  artist_name      VARCHAR(512),
  artist_location  VARCHAR(512),
  artist_latitude  DOUBLE PRECISION,
  artist_longitude DOUBLE PRECISION,
  duration         DOUBLE PRECISION,
  year             INTEGER
)
DISTSTYLE EVEN;

-- stage: songs/11-stage-create-covered
CREATE TEMP TABLE covered_tracks (
  song_title    VARCHAR(512) NOT NULL,
  artist_name   VARCHAR(512) NOT NULL,
  song_duration DOUBLE PRECISION NOT NULL
)
DISTSTYLE EVEN;

-- stage: songs/12-stage-create-healed
CREATE TEMP TABLE healed_songplays (
  start_time      TIMESTAMP NOT NULL,
  session_id      BIGINT NOT NULL,
  item_in_session INTEGER NOT NULL,
  song_id         VARCHAR(64),
  artist_id       VARCHAR(64)
)
DISTKEY (start_time);

-- stage: events/13-stage-create-events
CREATE TEMP TABLE staging_events (
  artist        VARCHAR(512),
  firstname     VARCHAR(128),
  gender        VARCHAR(16),
  iteminsession INTEGER,
  lastname      VARCHAR(128),
  length        DOUBLE PRECISION,
  level         VARCHAR(16),
  location      VARCHAR(512),
  page          VARCHAR(64),
  sessionid     BIGINT,
  song          VARCHAR(512),
  ts            TIMESTAMP,
  useragent     VARCHAR(1024),
  userid        VARCHAR(64)
)
DISTKEY (ts);

-- copy: common/20-copy-objects
COPY staging_objects FROM 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1/objects.json' IAM_ROLE 'arn:aws:iam::123456789012:role/sparkify-copy' REGION 'eu-west-1'
FORMAT AS JSON 'auto' TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF;

-- copy: songs/21-copy-songs none
COPY staging_songs FROM 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1/songs-none.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/sparkify-copy' REGION 'eu-west-1'
MANIFEST FORMAT AS JSON 'auto'  COMPUPDATE OFF STATUPDATE OFF;

-- copy: songs/21-copy-songs gzip
COPY staging_songs FROM 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1/songs-gzip.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/sparkify-copy' REGION 'eu-west-1'
MANIFEST FORMAT AS JSON 'auto' GZIP COMPUPDATE OFF STATUPDATE OFF;

-- copy: events/22-copy-events none
COPY staging_events FROM 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1/events-none.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/sparkify-copy' REGION 'eu-west-1'
MANIFEST FORMAT AS JSON 'auto ignorecase'  TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF;

-- copy: events/22-copy-events gzip
COPY staging_events FROM 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1/events-gzip.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/sparkify-copy' REGION 'eu-west-1'
MANIFEST FORMAT AS JSON 'auto ignorecase' GZIP TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF;

-- reject: songs/30-reject-songs
INSERT INTO staging_rejected (source, reason, content, copies)
SELECT 'songs', r.reason, r.content, r.copies
FROM (
  SELECT t.reason, t.content, COUNT(*) AS copies
  FROM (
    SELECT CASE WHEN s.song_id IS NULL THEN 'song_id is missing' ELSE 'song_id is blank' END AS reason,
           CAST(RTRIM(COALESCE('song_id="' || s.song_id || '" ', '')
             || COALESCE('title="' || REPLACE(s.title, '"', '""') || '" ', '')
             || COALESCE('artist_id="' || REPLACE(s.artist_id, '"', '""') || '" ', '')
             || COALESCE('artist_name="' || REPLACE(s.artist_name, '"', '""') || '" ', '')
             || COALESCE('artist_location="' || REPLACE(s.artist_location, '"', '""') || '" ', '')
             || COALESCE('artist_latitude=' || CAST(s.artist_latitude AS VARCHAR(32)) || ' ', '')
             || COALESCE('artist_longitude=' || CAST(s.artist_longitude AS VARCHAR(32)) || ' ', '')
             || COALESCE('duration=' || CAST(s.duration AS VARCHAR(32)) || ' ', '')
             || COALESCE('year=' || CAST(s.year AS VARCHAR(32)) || ' ', ''), ' ') AS VARCHAR(16384)) AS content,
           s.artist_latitude, s.artist_longitude, s.duration
    FROM staging_songs AS s
    WHERE COALESCE(RTRIM(s.song_id, ' '), '') = ''
  ) AS t
  GROUP BY t.reason, t.content, t.artist_latitude, t.artist_longitude, t.duration
) AS r;

-- reject: events/31-reject-events
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
) AS r;

-- pick: songs/35-pick-songs
CREATE TEMP TABLE picked_songs DISTSTYLE ALL AS
SELECT ranked.song_id, ranked.title, ranked.artist_id, ranked.artist_name, ranked.artist_location, ranked.artist_latitude,
       ranked.artist_longitude, ranked.duration, ranked.year, ranked.copies, ranked.in_conflict
FROM (
  SELECT h.song_id, h.title, h.artist_id, h.artist_name, h.artist_location, h.artist_latitude, h.artist_longitude, h.duration,
         h.year,
         COUNT(*) OVER (PARTITION BY h.song_id) AS copies,
         CASE WHEN COUNT(*) OVER (
                     PARTITION BY h.song_id, h.text_hash, h.duration, h.year, h.artist_latitude, h.artist_longitude
                   ) < COUNT(*) OVER (PARTITION BY h.song_id)
              THEN 1 ELSE 0 END AS in_conflict,
         ROW_NUMBER() OVER (
           PARTITION BY h.song_id
           ORDER BY h.text_hash, h.duration, h.year, h.artist_latitude, h.artist_longitude
         ) AS pick_order
  FROM (
    SELECT RTRIM(s.song_id, ' ') AS song_id, s.title, RTRIM(s.artist_id, ' ') AS artist_id, s.artist_name, s.artist_location,
           s.artist_latitude, s.artist_longitude, s.duration, s.year,
           MD5(COALESCE(s.title || '.', '') || '|' || COALESCE(RTRIM(s.artist_id, ' ') || '.', '') || '|'
               || COALESCE(s.artist_name || '.', '') || '|' || COALESCE(s.artist_location || '.', '')) AS text_hash
    FROM staging_songs AS s
    WHERE COALESCE(RTRIM(s.song_id, ' '), '') <> ''
  ) AS h
) AS ranked
WHERE ranked.pick_order = 1;

-- pick: events/36-pick-repeats
CREATE TEMP TABLE repeated_songplays DISTKEY (start_time) AS
SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session
FROM staging_events AS e
WHERE RTRIM(e.page, ' ') = 'NextSong'
  AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
  AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
GROUP BY e.ts, e.sessionid, e.iteminsession
HAVING COUNT(*) > 1;

-- pick: events/37-pick-songplays
CREATE TEMP TABLE picked_songplays DISTKEY (start_time) AS
SELECT ranked.start_time, ranked.session_id, ranked.item_in_session, ranked.user_id, ranked.level, ranked.location,
       ranked.user_agent, ranked.song_title, ranked.artist_name, ranked.song_duration, ranked.copies, ranked.in_conflict
FROM (
  SELECT h.start_time, h.session_id, h.item_in_session, h.user_id, h.level, h.location, h.user_agent, h.song_title,
         h.artist_name, h.song_duration,
         COUNT(*) OVER (PARTITION BY h.start_time, h.session_id, h.item_in_session) AS copies,
         CASE WHEN COUNT(*) OVER (
                     PARTITION BY h.start_time, h.session_id, h.item_in_session, h.text_hash, h.song_duration
                   ) < COUNT(*) OVER (PARTITION BY h.start_time, h.session_id, h.item_in_session)
              THEN 1 ELSE 0 END AS in_conflict,
         ROW_NUMBER() OVER (
           PARTITION BY h.start_time, h.session_id, h.item_in_session
           ORDER BY h.text_hash, h.song_duration
         ) AS pick_order
  FROM (
    SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session,
           NULLIF(RTRIM(e.userid, ' '), '') AS user_id, e.level, e.location, e.useragent AS user_agent,
           e.song AS song_title, e.artist AS artist_name, e.length AS song_duration,
           MD5(COALESCE(RTRIM(e.userid, ' ') || '.', '') || '|' || COALESCE(e.level || '.', '') || '|'
               || COALESCE(e.location || '.', '') || '|' || COALESCE(e.useragent || '.', '') || '|'
               || COALESCE(e.song || '.', '') || '|' || COALESCE(e.artist || '.', '')) AS text_hash
    FROM staging_events AS e
    JOIN repeated_songplays AS repeated
      ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
    WHERE RTRIM(e.page, ' ') = 'NextSong'
  ) AS h
) AS ranked
WHERE ranked.pick_order = 1;

-- pick: events/38-pick-users
CREATE TEMP TABLE picked_users DISTSTYLE ALL AS
SELECT c.user_id, c.first_name, c.last_name, c.gender, c.level, c.ts AS last_event_at, c.session_id AS last_session_id,
       c.item_in_session AS last_item_in_session
FROM (
  SELECT h.user_id, h.first_name, h.last_name, h.gender, h.level, h.ts, h.session_id, h.item_in_session,
         ROW_NUMBER() OVER (
           PARTITION BY h.user_id
           ORDER BY h.ts DESC, h.session_id DESC, h.item_in_session DESC, h.text_hash
         ) AS pick_order
  FROM (
    SELECT RTRIM(e.userid, ' ') AS user_id, e.firstname AS first_name, e.lastname AS last_name, e.gender, e.level, e.ts,
           e.sessionid AS session_id, e.iteminsession AS item_in_session,
           MD5(COALESCE(e.firstname || '.', '') || '|' || COALESCE(e.lastname || '.', '') || '|'
               || COALESCE(e.gender || '.', '') || '|' || COALESCE(e.level || '.', '')) AS text_hash
    FROM staging_events AS e
    JOIN (
      SELECT RTRIM(l.userid, ' ') AS user_id, MAX(l.ts) AS ts
      FROM staging_events AS l
      WHERE l.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
        AND l.sessionid IS NOT NULL AND l.iteminsession IS NOT NULL
      GROUP BY RTRIM(l.userid, ' ')
    ) AS latest
      ON latest.user_id = RTRIM(e.userid, ' ') AND latest.ts = e.ts
    WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''
      AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
  ) AS h
) AS c
WHERE c.pick_order = 1;

-- pick: events/39-pick-tracks
CREATE TEMP TABLE picked_tracks DISTSTYLE ALL AS
SELECT RTRIM(e.song, ' ') AS song_title, RTRIM(e.artist, ' ') AS artist_name, e.length + 0 AS song_duration,
       DATE_TRUNC('day', MIN(e.ts)) AS first_played,
       DATEADD(ms, 86399999, DATE_TRUNC('day', MAX(e.ts))) AS last_played
FROM staging_events AS e
WHERE RTRIM(e.page, ' ') = 'NextSong'
  AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
  AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
  AND e.song IS NOT NULL AND e.artist IS NOT NULL AND e.length IS NOT NULL
GROUP BY RTRIM(e.song, ' '), RTRIM(e.artist, ' '), e.length + 0;

-- count: songs/40-count-songs
INSERT INTO staging_counts
  (source, rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT 'songs', staged.n, picked.n, picked.duplicates, 0, staged.rejected, picked.conflicts, 0
FROM (
  SELECT COUNT(*) AS n,
         COALESCE(SUM(CASE WHEN COALESCE(RTRIM(s.song_id, ' '), '') = '' THEN 1 ELSE 0 END), 0) AS rejected
  FROM staging_songs AS s
) AS staged
CROSS JOIN (
  SELECT COUNT(*) AS n, COALESCE(SUM(p.copies - 1), 0) AS duplicates, COALESCE(SUM(p.in_conflict), 0) AS conflicts
  FROM picked_songs AS p
) AS picked;

-- count: events/41-count-events
INSERT INTO staging_counts
  (source, rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT 'events', staged.n, staged.staged_once + picked.n, picked.duplicates, staged.other_pages, staged.rejected,
       picked.conflicts, 0
FROM (
  SELECT COUNT(*) AS n,
         COALESCE(SUM(CASE WHEN t.is_usable = 0 THEN 1 ELSE 0 END), 0) AS rejected,
         COALESCE(SUM(CASE WHEN t.is_usable = 1 AND t.is_play = 0 THEN 1 ELSE 0 END), 0) AS other_pages,
         COALESCE(SUM(CASE WHEN t.is_usable = 1 AND t.is_play = 1 AND t.is_repeated = 0 THEN 1 ELSE 0 END), 0) AS staged_once
  FROM (
    SELECT CASE WHEN e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
                 AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL THEN 1 ELSE 0 END AS is_usable,
           CASE WHEN RTRIM(e.page, ' ') = 'NextSong' THEN 1 ELSE 0 END AS is_play,
           CASE WHEN repeated.start_time IS NULL THEN 0 ELSE 1 END AS is_repeated
    FROM staging_events AS e
    LEFT JOIN repeated_songplays AS repeated
      ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
  ) AS t
) AS staged
CROSS JOIN (
  SELECT COUNT(*) AS n, COALESCE(SUM(p.copies - 1), 0) AS duplicates, COALESCE(SUM(p.in_conflict), 0) AS conflicts
  FROM picked_songplays AS p
) AS picked;

-- count: songs/43-count-columns
INSERT INTO staging_columns (source, column_name, rows_read, rows_filled)
SELECT 'songs', n.column_name, t.n,
       CASE n.column_name
         WHEN 'song_id' THEN t.song_id
         WHEN 'title' THEN t.title
         WHEN 'artist_id' THEN t.artist_id
         WHEN 'artist_name' THEN t.artist_name
         WHEN 'artist_location' THEN t.artist_location
         WHEN 'artist_latitude' THEN t.artist_latitude
         WHEN 'artist_longitude' THEN t.artist_longitude
         WHEN 'duration' THEN t.duration
         WHEN 'year' THEN t.year
       END
FROM (
  SELECT COUNT(*) AS n,
         COUNT(s.song_id) AS song_id, COUNT(s.title) AS title, COUNT(s.artist_id) AS artist_id,
         COUNT(s.artist_name) AS artist_name, COUNT(s.artist_location) AS artist_location,
         COUNT(s.artist_latitude) AS artist_latitude, COUNT(s.artist_longitude) AS artist_longitude,
         COUNT(s.duration) AS duration, COUNT(s.year) AS year
  FROM staging_songs AS s
) AS t
CROSS JOIN (
  SELECT 'song_id' AS column_name
  UNION ALL SELECT 'title'
  UNION ALL SELECT 'artist_id'
  UNION ALL SELECT 'artist_name'
  UNION ALL SELECT 'artist_location'
  UNION ALL SELECT 'artist_latitude'
  UNION ALL SELECT 'artist_longitude'
  UNION ALL SELECT 'duration'
  UNION ALL SELECT 'year'
) AS n;

-- count: events/44-count-columns
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
) AS n;

-- count: common/46-count-fields
CREATE TEMP TABLE drifted_fields DISTSTYLE ALL AS
SELECT o.source, o.noticed AS kind, o.field, o.types, o.example, o.bucket, o.key, o.event_time, o.found_in, o.out_of
FROM staging_objects AS o
WHERE o.noticed IS NOT NULL
UNION ALL
SELECT c.source, 'empty' AS kind, c.column_name AS field, CAST(NULL AS VARCHAR(64)) AS types, CAST(NULL AS VARCHAR(192)) AS example,
       CAST(NULL AS VARCHAR(255)) AS bucket, CAST(NULL AS VARCHAR(1024)) AS key, CAST(NULL AS TIMESTAMP) AS event_time,
       c.rows_read - c.rows_filled AS found_in, c.rows_read AS out_of
FROM staging_columns AS c
JOIN "sparkify".field_baselines AS b ON b.source = c.source AND b.column_name = c.column_name
WHERE b.rows_read >= 1000
  AND ((b.rows_filled = b.rows_read AND c.rows_read - c.rows_filled >= 3
        AND (c.rows_read - c.rows_filled) * 200 >= c.rows_read)
    OR (b.rows_filled * 2 >= b.rows_read AND c.rows_read >= 50
        AND c.rows_filled * 10 * b.rows_read < c.rows_read * b.rows_filled));

-- survey: songs/47-survey-songs
INSERT INTO staging_spans (source, first_at, last_at)
SELECT 'songs', t.first_played, t.last_played
FROM "sparkify".tracks AS t
JOIN picked_songs AS p
  ON RTRIM(p.title, ' ') = t.song_title
 AND RTRIM(p.artist_name, ' ') = t.artist_name
 AND p.duration = t.song_duration
WHERE t.song_id IS NULL
   OR p.song_id < t.song_id
   OR (p.song_id = t.song_id AND COALESCE(p.artist_id || '.', '') <> COALESCE(t.artist_id || '.', ''))
UNION ALL
SELECT 'songs', t.first_played, t.last_played
FROM "sparkify".tracks AS t
JOIN picked_songs AS p ON p.song_id = t.song_id
WHERE COALESCE(RTRIM(p.title, ' ') || '.', '') <> t.song_title || '.'
   OR COALESCE(RTRIM(p.artist_name, ' ') || '.', '') <> t.artist_name || '.'
   OR DECODE(p.duration, t.song_duration, 0, 1) = 1;

-- survey: events/48-survey-events
INSERT INTO staging_spans (source, first_at, last_at)
SELECT 'events', MIN(e.ts), MAX(e.ts)
FROM staging_events AS e
WHERE RTRIM(e.page, ' ') = 'NextSong'
  AND e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
  AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
GROUP BY DATE_TRUNC('day', e.ts);

-- survey: common/49-survey-report
SELECT 'rejected' AS what, c.source, c.rows_rejected AS low, c.rows_rejected AS high
FROM staging_counts AS c
UNION ALL
SELECT 'span' AS what, p.source, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', MIN(p.first_at)) AS low,
       DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', MAX(p.last_at)) AS high
FROM staging_spans AS p
GROUP BY p.source
UNION ALL
SELECT 'gap' AS what, g.source, g.low, g.high
FROM (
  SELECT w.source, w.low, w.high, ROW_NUMBER() OVER (PARTITION BY w.source ORDER BY w.high - w.low DESC, w.low) AS widest_first
  FROM (
    SELECT r.source, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', r.reached) AS low,
           DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', r.first_at) AS high
    FROM (
      SELECT p.source, p.first_at,
             MAX(p.last_at) OVER (
               PARTITION BY p.source ORDER BY p.first_at, p.last_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
             ) AS reached
      FROM staging_spans AS p
    ) AS r
    WHERE r.first_at > r.reached
  ) AS w
) AS g
WHERE g.widest_first <= 2;

-- lock: common/50-lock-load
LOCK "sparkify".load_lock;

-- lock: common/51-lock-number-batch
UPDATE "sparkify".load_lock SET batch_no = batch_no + 1;

-- lock: common/52-lock-check-unchanged
SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS nothing_recorded_since
FROM "sparkify".load_objects AS o
JOIN staging_objects AS s ON s.object_id = o.object_id
WHERE o.batch_no > 41;

-- merge: songs/60-merge-select-songs
CREATE TEMP TABLE merge_songs DISTSTYLE ALL AS
SELECT p.song_id, p.title, p.artist_id, p.year, p.duration, p.artist_name, p.artist_location, p.artist_latitude,
       p.artist_longitude, known.artist_id AS old_artist_id
FROM picked_songs AS p
LEFT JOIN "sparkify".songs AS known ON known.song_id = p.song_id
WHERE known.song_id IS NULL
   OR COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')
   OR COALESCE(known.artist_id || '.', '') <> COALESCE(p.artist_id || '.', '')
   OR COALESCE(known.artist_name || '.', '') <> COALESCE(p.artist_name || '.', '')
   OR COALESCE(known.artist_location || '.', '') <> COALESCE(p.artist_location || '.', '')
   OR DECODE(known.year, p.year, 0, 1) = 1
   OR DECODE(known.duration, p.duration, 0, 1) = 1
   OR DECODE(known.artist_latitude, p.artist_latitude, 0, 1) = 1
   OR DECODE(known.artist_longitude, p.artist_longitude, 0, 1) = 1;

-- merge: songs/61-merge-songs
MERGE INTO "sparkify".songs
USING merge_songs AS staged
ON "sparkify".songs.song_id = staged.song_id
WHEN MATCHED THEN UPDATE SET
  title = staged.title, artist_id = staged.artist_id, year = staged.year, duration = staged.duration,
  artist_name = staged.artist_name, artist_location = staged.artist_location, artist_latitude = staged.artist_latitude,
  artist_longitude = staged.artist_longitude
WHEN NOT MATCHED THEN INSERT
  (song_id, title, artist_id, year, duration, artist_name, artist_location, artist_latitude, artist_longitude)
  VALUES (staged.song_id, staged.title, staged.artist_id, staged.year, staged.duration, staged.artist_name,
    staged.artist_location, staged.artist_latitude, staged.artist_longitude);

-- merge: songs/62-merge-select-artists
CREATE TEMP TABLE merge_artists DISTSTYLE ALL AS
SELECT s.artist_id, s.artist_name AS name, s.artist_location AS location, s.artist_latitude AS latitude,
       s.artist_longitude AS longitude, s.song_id AS source_song_id
FROM (
  SELECT MIN(present.song_id) AS song_id
  FROM (
    SELECT m.artist_id FROM merge_songs AS m
    UNION
    SELECT m.old_artist_id FROM merge_songs AS m
  ) AS touched
  JOIN "sparkify".songs AS present ON present.artist_id = touched.artist_id
  WHERE touched.artist_id <> ''
  GROUP BY touched.artist_id
) AS deciding
JOIN "sparkify".songs AS s ON s.song_id = deciding.song_id
LEFT JOIN "sparkify".artists AS known ON known.artist_id = s.artist_id
WHERE known.artist_id IS NULL
   OR known.source_song_id <> s.song_id
   OR COALESCE(known.name || '.', '') <> COALESCE(s.artist_name || '.', '')
   OR COALESCE(known.location || '.', '') <> COALESCE(s.artist_location || '.', '')
   OR DECODE(known.latitude, s.artist_latitude, 0, 1) = 1
   OR DECODE(known.longitude, s.artist_longitude, 0, 1) = 1;

-- merge: songs/63-merge-artists
MERGE INTO "sparkify".artists
USING merge_artists AS staged
ON "sparkify".artists.artist_id = staged.artist_id
WHEN MATCHED THEN UPDATE SET
  name = staged.name, location = staged.location, latitude = staged.latitude, longitude = staged.longitude,
  source_song_id = staged.source_song_id
WHEN NOT MATCHED THEN INSERT (artist_id, name, location, latitude, longitude, source_song_id)
  VALUES (staged.artist_id, staged.name, staged.location, staged.latitude, staged.longitude, staged.source_song_id);

-- merge: songs/64-merge-remove-artists
DELETE FROM "sparkify".artists
WHERE artist_id IN (
  SELECT m.old_artist_id
  FROM merge_songs AS m
  LEFT JOIN "sparkify".songs AS present ON present.artist_id = m.old_artist_id
  WHERE m.old_artist_id IS NOT NULL AND present.song_id IS NULL
);

-- heal: songs/65-heal-find-tracks
CREATE TEMP TABLE healed_tracks DISTSTYLE ALL AS
SELECT fresh.song_title, fresh.artist_name, fresh.song_duration, fresh.first_played, fresh.last_played, fresh.song_id,
       g.artist_id
FROM (
  SELECT t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played, t.song_id AS old_song_id,
         t.artist_id AS old_artist_id, MIN(s.song_id) AS song_id
  FROM (
    SELECT k.song_title, k.artist_name, k.song_duration, k.first_played, k.last_played, k.song_id, k.artist_id
    FROM "sparkify".tracks AS k
    JOIN merge_songs AS m
      ON RTRIM(m.title, ' ') = k.song_title
     AND RTRIM(m.artist_name, ' ') = k.artist_name
     AND m.duration = k.song_duration
    UNION
    SELECT k.song_title, k.artist_name, k.song_duration, k.first_played, k.last_played, k.song_id, k.artist_id
    FROM "sparkify".tracks AS k
    JOIN merge_songs AS m ON m.song_id = k.song_id
  ) AS t
  LEFT JOIN "sparkify".songs AS s
    ON RTRIM(s.title, ' ') = t.song_title
   AND RTRIM(s.artist_name, ' ') = t.artist_name
   AND s.duration = t.song_duration
  GROUP BY t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played, t.song_id, t.artist_id
) AS fresh
LEFT JOIN "sparkify".songs AS g ON g.song_id = fresh.song_id
WHERE COALESCE(fresh.old_song_id || '.', '') <> COALESCE(fresh.song_id || '.', '')
   OR COALESCE(fresh.old_artist_id || '.', '') <> COALESCE(g.artist_id || '.', '');

-- heal: songs/66-heal-cover-range 1
INSERT INTO covered_tracks (song_title, artist_name, song_duration)
SELECT t.song_title, t.artist_name, t.song_duration
FROM healed_tracks AS t
WHERE t.first_played >= TIMESTAMP '2018-10-31 23:59:59.999' AND t.last_played <= TIMESTAMP '2018-11-29 23:59:59.999999';

-- heal: songs/67-heal-check-covered
SELECT 1 / CASE WHEN found.n = covered.n THEN 1 ELSE 0 END AS every_track_is_covered
FROM (SELECT COUNT(*) AS n FROM healed_tracks AS t) AS found
CROSS JOIN (SELECT COUNT(*) AS n FROM covered_tracks AS t) AS covered;

-- heal: songs/68-heal-find-plays 1
INSERT INTO healed_songplays (start_time, session_id, item_in_session, song_id, artist_id)
SELECT p.start_time, p.session_id, p.item_in_session, t.song_id, t.artist_id
FROM "sparkify".songplays AS p
JOIN healed_tracks AS t
  ON t.song_title = RTRIM(p.song_title, ' ')
 AND t.artist_name = RTRIM(p.artist_name, ' ')
 AND t.song_duration = p.song_duration
WHERE p.start_time BETWEEN TIMESTAMP '2018-10-31 23:59:59.999' AND TIMESTAMP '2018-11-29 23:59:59.999999';

-- heal: songs/69-heal-plays 1
UPDATE "sparkify".songplays
SET song_id = healed.song_id, artist_id = healed.artist_id
FROM healed_songplays AS healed
WHERE "sparkify".songplays.start_time = healed.start_time
  AND "sparkify".songplays.session_id = healed.session_id
  AND "sparkify".songplays.item_in_session = healed.item_in_session
  AND "sparkify".songplays.start_time BETWEEN TIMESTAMP '2018-10-31 23:59:59.999' AND TIMESTAMP '2018-11-29 23:59:59.999999';

-- heal: songs/70-heal-tracks
UPDATE "sparkify".tracks
SET song_id = healed.song_id, artist_id = healed.artist_id
FROM healed_tracks AS healed
WHERE "sparkify".tracks.song_title = healed.song_title
  AND "sparkify".tracks.artist_name = healed.artist_name
  AND "sparkify".tracks.song_duration = healed.song_duration;

-- heal: songs/71-heal-count-plays
UPDATE staging_counts
SET rows_healed = healed.n
FROM (SELECT CAST('songs' AS VARCHAR(64)) AS source, COUNT(*) AS n FROM healed_songplays AS h) AS healed
WHERE staging_counts.source = healed.source;

-- merge: events/72-merge-select-users
CREATE TEMP TABLE merge_users DISTSTYLE ALL AS
SELECT c.user_id, c.first_name, c.last_name, c.gender, c.level, c.last_event_at, c.last_session_id, c.last_item_in_session
FROM picked_users AS c
LEFT JOIN "sparkify".users AS known ON known.user_id = c.user_id
WHERE known.user_id IS NULL
   OR c.last_event_at > known.last_event_at
   OR (c.last_event_at = known.last_event_at AND c.last_session_id > known.last_session_id)
   OR (c.last_event_at = known.last_event_at AND c.last_session_id = known.last_session_id
     AND c.last_item_in_session > known.last_item_in_session)
   OR (c.last_event_at = known.last_event_at AND c.last_session_id = known.last_session_id
     AND c.last_item_in_session = known.last_item_in_session
     AND (COALESCE(known.first_name || '.', '') <> COALESCE(c.first_name || '.', '')
       OR COALESCE(known.last_name || '.', '') <> COALESCE(c.last_name || '.', '')
       OR COALESCE(known.gender || '.', '') <> COALESCE(c.gender || '.', '')
       OR COALESCE(known.level || '.', '') <> COALESCE(c.level || '.', '')));

-- merge: events/73-merge-users
MERGE INTO "sparkify".users
USING merge_users AS staged
ON "sparkify".users.user_id = staged.user_id
WHEN MATCHED THEN UPDATE SET
  first_name = staged.first_name, last_name = staged.last_name, gender = staged.gender, level = staged.level,
  last_event_at = staged.last_event_at, last_session_id = staged.last_session_id,
  last_item_in_session = staged.last_item_in_session
WHEN NOT MATCHED THEN INSERT
  (user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session)
  VALUES (staged.user_id, staged.first_name, staged.last_name, staged.gender, staged.level, staged.last_event_at,
    staged.last_session_id, staged.last_item_in_session);

-- merge: events/74-merge-resolve-tracks
CREATE TEMP TABLE resolved_tracks DISTSTYLE ALL AS
SELECT found.song_title, found.artist_name, found.song_duration, found.first_played, found.last_played, found.song_id,
       g.artist_id, known.first_played AS known_first, known.last_played AS known_last
FROM (
  SELECT t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played, MIN(s.song_id) AS song_id
  FROM picked_tracks AS t
  LEFT JOIN "sparkify".songs AS s
    ON RTRIM(s.title, ' ') = t.song_title
   AND RTRIM(s.artist_name, ' ') = t.artist_name
   AND s.duration = t.song_duration
  GROUP BY t.song_title, t.artist_name, t.song_duration, t.first_played, t.last_played
) AS found
LEFT JOIN "sparkify".songs AS g ON g.song_id = found.song_id
LEFT JOIN "sparkify".tracks AS known
  ON known.song_title = found.song_title
 AND known.artist_name = found.artist_name
 AND known.song_duration = found.song_duration;

-- merge: events/75-merge-select-songplays 1
CREATE TEMP TABLE "merge_songplays_1" DISTKEY (start_time) AS
SELECT MD5(CAST(DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', p.start_time) AS VARCHAR(20)) || '-'
           || CAST(p.session_id AS VARCHAR(20)) || '-' || CAST(p.item_in_session AS VARCHAR(20))) AS songplay_id,
       p.start_time, p.user_id, p.level, r.song_id, r.artist_id, p.session_id, p.item_in_session, p.location, p.user_agent,
       p.song_title, p.artist_name, p.song_duration, CAST('20181130t210405z-5f3a9c21-0' AS VARCHAR(64)) AS batch_id
FROM (
  SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session,
         NULLIF(RTRIM(e.userid, ' '), '') AS user_id, e.level, e.location, e.useragent AS user_agent, e.song AS song_title,
         e.artist AS artist_name, e.length AS song_duration
  FROM staging_events AS e
  LEFT JOIN repeated_songplays AS repeated
    ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
  WHERE RTRIM(e.page, ' ') = 'NextSong'
    AND e.ts BETWEEN TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-01 00:00:00.000999'
    AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
    AND repeated.start_time IS NULL
  UNION ALL
  SELECT w.start_time, w.session_id, w.item_in_session, w.user_id, w.level, w.location, w.user_agent, w.song_title,
         w.artist_name, w.song_duration
  FROM picked_songplays AS w
  WHERE w.start_time BETWEEN TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-01 00:00:00.000999'
) AS p
LEFT JOIN resolved_tracks AS r
  ON r.song_title = RTRIM(p.song_title, ' ')
 AND r.artist_name = RTRIM(p.artist_name, ' ')
 AND r.song_duration = p.song_duration
LEFT JOIN "sparkify".songplays AS known
  ON known.start_time = p.start_time AND known.session_id = p.session_id AND known.item_in_session = p.item_in_session
 AND known.start_time BETWEEN TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-01 00:00:00.000999'
WHERE known.songplay_id IS NULL
   OR COALESCE(known.user_id || '.', '') <> COALESCE(p.user_id || '.', '')
   OR COALESCE(known.level || '.', '') <> COALESCE(p.level || '.', '')
   OR COALESCE(known.song_id || '.', '') <> COALESCE(r.song_id || '.', '')
   OR COALESCE(known.artist_id || '.', '') <> COALESCE(r.artist_id || '.', '')
   OR COALESCE(known.location || '.', '') <> COALESCE(p.location || '.', '')
   OR COALESCE(known.user_agent || '.', '') <> COALESCE(p.user_agent || '.', '')
   OR COALESCE(known.song_title || '.', '') <> COALESCE(p.song_title || '.', '')
   OR COALESCE(known.artist_name || '.', '') <> COALESCE(p.artist_name || '.', '')
   OR DECODE(known.song_duration, p.song_duration, 0, 1) = 1;

-- merge: events/75-merge-select-songplays 2
CREATE TEMP TABLE "merge_songplays_2" DISTKEY (start_time) AS
SELECT MD5(CAST(DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', p.start_time) AS VARCHAR(20)) || '-'
           || CAST(p.session_id AS VARCHAR(20)) || '-' || CAST(p.item_in_session AS VARCHAR(20))) AS songplay_id,
       p.start_time, p.user_id, p.level, r.song_id, r.artist_id, p.session_id, p.item_in_session, p.location, p.user_agent,
       p.song_title, p.artist_name, p.song_duration, CAST('20181130t210405z-5f3a9c21-0' AS VARCHAR(64)) AS batch_id
FROM (
  SELECT e.ts AS start_time, e.sessionid AS session_id, e.iteminsession AS item_in_session,
         NULLIF(RTRIM(e.userid, ' '), '') AS user_id, e.level, e.location, e.useragent AS user_agent, e.song AS song_title,
         e.artist AS artist_name, e.length AS song_duration
  FROM staging_events AS e
  LEFT JOIN repeated_songplays AS repeated
    ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
  WHERE RTRIM(e.page, ' ') = 'NextSong'
    AND e.ts BETWEEN TIMESTAMP '2018-11-01 21:01:46.795' AND TIMESTAMP '2018-11-30 21:04:05.796999'
    AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
    AND repeated.start_time IS NULL
  UNION ALL
  SELECT w.start_time, w.session_id, w.item_in_session, w.user_id, w.level, w.location, w.user_agent, w.song_title,
         w.artist_name, w.song_duration
  FROM picked_songplays AS w
  WHERE w.start_time BETWEEN TIMESTAMP '2018-11-01 21:01:46.795' AND TIMESTAMP '2018-11-30 21:04:05.796999'
) AS p
LEFT JOIN resolved_tracks AS r
  ON r.song_title = RTRIM(p.song_title, ' ')
 AND r.artist_name = RTRIM(p.artist_name, ' ')
 AND r.song_duration = p.song_duration
LEFT JOIN "sparkify".songplays AS known
  ON known.start_time = p.start_time AND known.session_id = p.session_id AND known.item_in_session = p.item_in_session
 AND known.start_time BETWEEN TIMESTAMP '2018-11-01 21:01:46.795' AND TIMESTAMP '2018-11-30 21:04:05.796999'
WHERE known.songplay_id IS NULL
   OR COALESCE(known.user_id || '.', '') <> COALESCE(p.user_id || '.', '')
   OR COALESCE(known.level || '.', '') <> COALESCE(p.level || '.', '')
   OR COALESCE(known.song_id || '.', '') <> COALESCE(r.song_id || '.', '')
   OR COALESCE(known.artist_id || '.', '') <> COALESCE(r.artist_id || '.', '')
   OR COALESCE(known.location || '.', '') <> COALESCE(p.location || '.', '')
   OR COALESCE(known.user_agent || '.', '') <> COALESCE(p.user_agent || '.', '')
   OR COALESCE(known.song_title || '.', '') <> COALESCE(p.song_title || '.', '')
   OR COALESCE(known.artist_name || '.', '') <> COALESCE(p.artist_name || '.', '')
   OR DECODE(known.song_duration, p.song_duration, 0, 1) = 1;

-- merge: events/76-merge-select-time 1
CREATE TEMP TABLE "merge_time_1" DISTKEY (start_time) AS
SELECT m.start_time,
       CAST(EXTRACT(hour FROM m.start_time) AS SMALLINT) AS hour,
       CAST(EXTRACT(day FROM m.start_time) AS SMALLINT) AS day,
       CAST(EXTRACT(week FROM m.start_time) AS SMALLINT) AS week,
       CAST(EXTRACT(month FROM m.start_time) AS SMALLINT) AS month,
       CAST(EXTRACT(year FROM m.start_time) AS SMALLINT) AS year,
       CAST(EXTRACT(dow FROM m.start_time) AS SMALLINT) AS weekday
FROM (SELECT DISTINCT s.start_time FROM "merge_songplays_1" AS s) AS m
LEFT JOIN "sparkify"."time" AS known ON known.start_time = m.start_time
 AND known.start_time BETWEEN TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-01 00:00:00.000999'
WHERE known.start_time IS NULL;

-- merge: events/76-merge-select-time 2
CREATE TEMP TABLE "merge_time_2" DISTKEY (start_time) AS
SELECT m.start_time,
       CAST(EXTRACT(hour FROM m.start_time) AS SMALLINT) AS hour,
       CAST(EXTRACT(day FROM m.start_time) AS SMALLINT) AS day,
       CAST(EXTRACT(week FROM m.start_time) AS SMALLINT) AS week,
       CAST(EXTRACT(month FROM m.start_time) AS SMALLINT) AS month,
       CAST(EXTRACT(year FROM m.start_time) AS SMALLINT) AS year,
       CAST(EXTRACT(dow FROM m.start_time) AS SMALLINT) AS weekday
FROM (SELECT DISTINCT s.start_time FROM "merge_songplays_2" AS s) AS m
LEFT JOIN "sparkify"."time" AS known ON known.start_time = m.start_time
 AND known.start_time BETWEEN TIMESTAMP '2018-11-01 21:01:46.795' AND TIMESTAMP '2018-11-30 21:04:05.796999'
WHERE known.start_time IS NULL;

-- merge: events/77-merge-time 1
MERGE INTO "sparkify"."time"
USING "merge_time_1" AS staged
ON "sparkify"."time".start_time = staged.start_time
  AND "sparkify"."time".start_time BETWEEN TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-01 00:00:00.000999'
WHEN MATCHED THEN UPDATE SET
  hour = staged.hour, day = staged.day, week = staged.week, month = staged.month, year = staged.year, weekday = staged.weekday
WHEN NOT MATCHED THEN INSERT (start_time, hour, day, week, month, year, weekday)
  VALUES (staged.start_time, staged.hour, staged.day, staged.week, staged.month, staged.year, staged.weekday);

-- merge: events/77-merge-time 2
MERGE INTO "sparkify"."time"
USING "merge_time_2" AS staged
ON "sparkify"."time".start_time = staged.start_time
  AND "sparkify"."time".start_time BETWEEN TIMESTAMP '2018-11-01 21:01:46.795' AND TIMESTAMP '2018-11-30 21:04:05.796999'
WHEN MATCHED THEN UPDATE SET
  hour = staged.hour, day = staged.day, week = staged.week, month = staged.month, year = staged.year, weekday = staged.weekday
WHEN NOT MATCHED THEN INSERT (start_time, hour, day, week, month, year, weekday)
  VALUES (staged.start_time, staged.hour, staged.day, staged.week, staged.month, staged.year, staged.weekday);

-- merge: events/78-merge-songplays 1
MERGE INTO "sparkify".songplays
USING "merge_songplays_1" AS staged
ON "sparkify".songplays.start_time = staged.start_time
  AND "sparkify".songplays.session_id = staged.session_id
  AND "sparkify".songplays.item_in_session = staged.item_in_session
  AND "sparkify".songplays.start_time BETWEEN TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-01 00:00:00.000999'
WHEN MATCHED THEN UPDATE SET
  user_id = staged.user_id, level = staged.level, song_id = staged.song_id, artist_id = staged.artist_id,
  location = staged.location, user_agent = staged.user_agent, song_title = staged.song_title,
  artist_name = staged.artist_name, song_duration = staged.song_duration, batch_id = staged.batch_id
WHEN NOT MATCHED THEN INSERT
  (songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent,
   song_title, artist_name, song_duration, batch_id)
  VALUES (staged.songplay_id, staged.start_time, staged.user_id, staged.level, staged.song_id, staged.artist_id,
    staged.session_id, staged.item_in_session, staged.location, staged.user_agent, staged.song_title, staged.artist_name,
    staged.song_duration, staged.batch_id);

-- merge: events/78-merge-songplays 2
MERGE INTO "sparkify".songplays
USING "merge_songplays_2" AS staged
ON "sparkify".songplays.start_time = staged.start_time
  AND "sparkify".songplays.session_id = staged.session_id
  AND "sparkify".songplays.item_in_session = staged.item_in_session
  AND "sparkify".songplays.start_time BETWEEN TIMESTAMP '2018-11-01 21:01:46.795' AND TIMESTAMP '2018-11-30 21:04:05.796999'
WHEN MATCHED THEN UPDATE SET
  user_id = staged.user_id, level = staged.level, song_id = staged.song_id, artist_id = staged.artist_id,
  location = staged.location, user_agent = staged.user_agent, song_title = staged.song_title,
  artist_name = staged.artist_name, song_duration = staged.song_duration, batch_id = staged.batch_id
WHEN NOT MATCHED THEN INSERT
  (songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent,
   song_title, artist_name, song_duration, batch_id)
  VALUES (staged.songplay_id, staged.start_time, staged.user_id, staged.level, staged.song_id, staged.artist_id,
    staged.session_id, staged.item_in_session, staged.location, staged.user_agent, staged.song_title, staged.artist_name,
    staged.song_duration, staged.batch_id);

-- merge: events/79-merge-widen-tracks
UPDATE "sparkify".tracks
SET first_played = CASE WHEN r.first_played < r.known_first THEN r.first_played ELSE r.known_first END,
    last_played = CASE WHEN r.last_played > r.known_last THEN r.last_played ELSE r.known_last END
FROM resolved_tracks AS r
WHERE "sparkify".tracks.song_title = r.song_title
  AND "sparkify".tracks.artist_name = r.artist_name
  AND "sparkify".tracks.song_duration = r.song_duration
  AND (r.first_played < r.known_first OR r.last_played > r.known_last);

-- merge: events/80-merge-add-tracks
INSERT INTO "sparkify".tracks (song_title, artist_name, song_duration, first_played, last_played, song_id, artist_id)
SELECT r.song_title, r.artist_name, r.song_duration, r.first_played, r.last_played, r.song_id, r.artist_id
FROM resolved_tracks AS r
WHERE r.known_first IS NULL;

-- record: common/87-record-fields
INSERT INTO "sparkify".load_fields
  (batch_no, batch_id, source, kind, field, types, example, bucket, key, event_time, found_in, out_of, noticed_at)
SELECT (SELECT n.batch_no FROM "sparkify".load_lock AS n), '20181130t210405z-5f3a9c21-0', f.source, f.kind, f.field, f.types, f.example, f.bucket,
       f.key, f.event_time, f.found_in, f.out_of, GETDATE()
FROM drifted_fields AS f;

-- record: common/88-record-baselines
UPDATE "sparkify".field_baselines
SET rows_read = "sparkify".field_baselines.rows_read * 0.98 + c.rows_read,
    rows_filled = "sparkify".field_baselines.rows_filled * 0.98 + c.rows_filled
FROM staging_columns AS c
WHERE "sparkify".field_baselines.source = c.source
  AND "sparkify".field_baselines.column_name = c.column_name
  AND c.rows_read > 0;

-- record: common/89-record-new-baselines
INSERT INTO "sparkify".field_baselines (source, column_name, rows_read, rows_filled)
SELECT c.source, c.column_name, c.rows_read, c.rows_filled
FROM staging_columns AS c
LEFT JOIN "sparkify".field_baselines AS b ON b.source = c.source AND b.column_name = c.column_name
WHERE b.source IS NULL AND c.rows_read > 0;

-- record: common/90-record-rejected
INSERT INTO "sparkify".rejected_rows (batch_no, batch_id, source, reason, content, copies)
SELECT (SELECT n.batch_no FROM "sparkify".load_lock AS n), '20181130t210405z-5f3a9c21-0', r.source, r.reason, r.content, r.copies
FROM staging_rejected AS r;

-- record: common/91-record-objects
INSERT INTO "sparkify".load_objects
  (object_id, bucket, key, etag, version_id, sequencer, size_bytes, event_time, source, replayed, status, code, reason,
   line, column_name, batch_id, batch_no, read_after, recorded_at)
SELECT o.object_id, o.bucket, o.key, o.etag, o.version_id, o.sequencer, o.size_bytes, o.event_time, o.source,
       o.replayed, o.status, o.code, o.reason, o.line, o.column_name, '20181130t210405z-5f3a9c21-0',
       (SELECT n.batch_no FROM "sparkify".load_lock AS n), TIMESTAMP '2018-11-30 21:04:05.000', GETDATE()
FROM staging_objects AS o
WHERE o.noticed IS NULL;

-- record: common/92-record-batch
INSERT INTO "sparkify".load_batches
  (batch_id, batch_no, started_at, committed_at, objects_loaded, objects_quarantined, objects_vanished, bytes_loaded,
   rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT '20181130t210405z-5f3a9c21-0', (SELECT n.batch_no FROM "sparkify".load_lock AS n), TIMESTAMP '2018-11-30 21:04:06.000', GETDATE(), objects.loaded,
       objects.quarantined, objects.vanished, objects.bytes_loaded, counts.staged, counts.merged, counts.duplicate,
       counts.skipped, counts.rejected, counts.in_conflict, counts.healed
FROM (
  SELECT COALESCE(SUM(CASE WHEN o.status = 'loaded' THEN 1 ELSE 0 END), 0) AS loaded,
         COALESCE(SUM(CASE WHEN o.status = 'quarantined' THEN 1 ELSE 0 END), 0) AS quarantined,
         COALESCE(SUM(CASE WHEN o.status = 'vanished' THEN 1 ELSE 0 END), 0) AS vanished,
         COALESCE(SUM(CASE WHEN o.status = 'loaded' THEN o.size_bytes ELSE 0 END), 0) AS bytes_loaded
  FROM staging_objects AS o
  WHERE o.noticed IS NULL
) AS objects
CROSS JOIN (
  SELECT COALESCE(SUM(c.rows_staged), 0) AS staged, COALESCE(SUM(c.rows_merged), 0) AS merged,
         COALESCE(SUM(c.rows_duplicate), 0) AS duplicate, COALESCE(SUM(c.rows_skipped), 0) AS skipped,
         COALESCE(SUM(c.rows_rejected), 0) AS rejected, COALESCE(SUM(c.keys_in_conflict), 0) AS in_conflict,
         COALESCE(SUM(c.rows_healed), 0) AS healed
  FROM staging_counts AS c
) AS counts;

-- record: common/93-record-report
SELECT b.batch_no, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', b.committed_at) AS committed_at_ms, b.objects_loaded,
       b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_merged, b.rows_duplicate, b.rows_skipped,
       b.rows_rejected, b.keys_in_conflict, b.rows_healed, d.fields_drifted
FROM "sparkify".load_batches AS b
CROSS JOIN (
  SELECT COUNT(*) AS fields_drifted
  FROM drifted_fields AS f
  LEFT JOIN "sparkify".accepted_fields AS a ON a.source = f.source AND a.kind = f.kind AND a.field || '.' = f.field || '.'
  WHERE f.kind <> 'read' AND a.source IS NULL
) AS d
WHERE b.batch_no > 41 AND b.batch_id = '20181130t210405z-5f3a9c21-0';

-- ==== validation of gzipped events ====

-- stage: events/13-stage-create-events
CREATE TEMP TABLE staging_events (
  artist        VARCHAR(512),
  firstname     VARCHAR(128),
  gender        VARCHAR(16),
  iteminsession INTEGER,
  lastname      VARCHAR(128),
  length        DOUBLE PRECISION,
  level         VARCHAR(16),
  location      VARCHAR(512),
  page          VARCHAR(64),
  sessionid     BIGINT,
  song          VARCHAR(512),
  ts            TIMESTAMP,
  useragent     VARCHAR(1024),
  userid        VARCHAR(64)
)
DISTKEY (ts);

-- copy: events/22-copy-events noload
COPY staging_events FROM 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1/events-gzip.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/sparkify-copy' REGION 'eu-west-1'
MANIFEST FORMAT AS JSON 'auto ignorecase' GZIP TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF NOLOAD MAXERROR 100000;

-- ==== songs that no play names, names only ====

-- stage: common/01-stage-set-timezone
-- stage: common/02-stage-create-objects
-- stage: common/03-stage-create-counts
-- stage: common/04-stage-create-rejected
-- stage: common/05-stage-create-spans
-- stage: common/06-stage-create-columns
-- stage: songs/10-stage-create-songs
-- stage: songs/11-stage-create-covered
-- stage: songs/12-stage-create-healed
-- copy: common/20-copy-objects
-- copy: songs/21-copy-songs none
-- reject: songs/30-reject-songs
-- pick: songs/35-pick-songs
-- count: songs/40-count-songs
-- count: songs/43-count-columns
-- count: common/46-count-fields
-- survey: songs/47-survey-songs
-- survey: common/49-survey-report
-- lock: common/50-lock-load
-- lock: common/51-lock-number-batch
-- lock: common/52-lock-check-unchanged
-- merge: songs/60-merge-select-songs
-- merge: songs/61-merge-songs
-- merge: songs/62-merge-select-artists
-- merge: songs/63-merge-artists
-- merge: songs/64-merge-remove-artists
-- heal: songs/65-heal-find-tracks
-- heal: songs/67-heal-check-covered
-- heal: songs/70-heal-tracks
-- heal: songs/71-heal-count-plays
-- record: common/87-record-fields
-- record: common/88-record-baselines
-- record: common/89-record-new-baselines
-- record: common/90-record-rejected
-- record: common/91-record-objects
-- record: common/92-record-batch
-- record: common/93-record-report

-- ==== events, names only ====

-- stage: common/01-stage-set-timezone
-- stage: common/02-stage-create-objects
-- stage: common/03-stage-create-counts
-- stage: common/04-stage-create-rejected
-- stage: common/05-stage-create-spans
-- stage: common/06-stage-create-columns
-- stage: events/13-stage-create-events
-- copy: common/20-copy-objects
-- copy: events/22-copy-events none
-- reject: events/31-reject-events
-- pick: events/36-pick-repeats
-- pick: events/37-pick-songplays
-- pick: events/38-pick-users
-- pick: events/39-pick-tracks
-- count: events/41-count-events
-- count: events/44-count-columns
-- count: common/46-count-fields
-- survey: events/48-survey-events
-- survey: common/49-survey-report
-- lock: common/50-lock-load
-- lock: common/51-lock-number-batch
-- lock: common/52-lock-check-unchanged
-- merge: events/72-merge-select-users
-- merge: events/73-merge-users
-- merge: events/74-merge-resolve-tracks
-- merge: events/75-merge-select-songplays 1
-- merge: events/75-merge-select-songplays 2
-- merge: events/76-merge-select-time 1
-- merge: events/76-merge-select-time 2
-- merge: events/77-merge-time 1
-- merge: events/77-merge-time 2
-- merge: events/78-merge-songplays 1
-- merge: events/78-merge-songplays 2
-- merge: events/79-merge-widen-tracks
-- merge: events/80-merge-add-tracks
-- record: common/87-record-fields
-- record: common/88-record-baselines
-- record: common/89-record-new-baselines
-- record: common/90-record-rejected
-- record: common/91-record-objects
-- record: common/92-record-batch
-- record: common/93-record-report

-- ==== nothing to load, only to record, names only ====

-- stage: common/01-stage-set-timezone
-- stage: common/02-stage-create-objects
-- stage: common/03-stage-create-counts
-- stage: common/04-stage-create-rejected
-- stage: common/05-stage-create-spans
-- stage: common/06-stage-create-columns
-- copy: common/20-copy-objects
-- count: common/46-count-fields
-- survey: common/49-survey-report
-- lock: common/50-lock-load
-- lock: common/51-lock-number-batch
-- lock: common/52-lock-check-unchanged
-- record: common/87-record-fields
-- record: common/88-record-baselines
-- record: common/89-record-new-baselines
-- record: common/90-record-rejected
-- record: common/91-record-objects
-- record: common/92-record-batch
-- record: common/93-record-report
