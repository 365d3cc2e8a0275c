-- The ledger: what the loader did with every object version, written in the same transaction.
--
-- load_objects is append-only; the state of a key is its row with the greatest batch_no, which grows by one per committed batch
-- because it is assigned under the lock. Objects are looked up by object_id = md5(bucket/key), so that a query for many keys
-- fits one statement, and distributed by it, so that all rows of a key are on one node. The table is sorted by batch_no: rows
-- are added in that order, so it is always sorted, and a vacuum has nothing to do. An md5 as the sort key would leave every
-- batch unsorted and make each vacuum rewrite the whole table. read_after is when the ledger was asked before the load: what was
-- read of the object, or found wrong with it, is not older. rejected_rows has every row a batch could not use, identical ones as one row with their number: SUM(copies)
-- is the batch's rows_rejected. A file that is loaded again records them again, for the new batch.
CREATE TABLE IF NOT EXISTS :"schema".load_objects (
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
  batch_id    VARCHAR(64) NOT NULL,
  batch_no    BIGINT NOT NULL,
  read_after  TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL
)
DISTKEY (object_id)
SORTKEY (batch_no);

CREATE TABLE IF NOT EXISTS :"schema".load_batches (
  batch_id            VARCHAR(64) NOT NULL,
  batch_no            BIGINT NOT NULL,
  started_at          TIMESTAMP NOT NULL,
  committed_at        TIMESTAMP NOT NULL,
  objects_loaded      BIGINT NOT NULL,
  objects_quarantined BIGINT NOT NULL,
  objects_vanished    BIGINT NOT NULL,
  bytes_loaded        BIGINT NOT NULL,
  rows_staged         BIGINT NOT NULL,
  rows_merged         BIGINT NOT NULL,
  rows_duplicate      BIGINT NOT NULL,
  rows_skipped        BIGINT NOT NULL,
  rows_rejected       BIGINT NOT NULL,
  keys_in_conflict    BIGINT NOT NULL,
  rows_healed         BIGINT NOT NULL,
  PRIMARY KEY (batch_id)
)
DISTSTYLE EVEN
SORTKEY (batch_no);

CREATE TABLE IF NOT EXISTS :"schema".rejected_rows (
  batch_no BIGINT NOT NULL,
  batch_id VARCHAR(64) NOT NULL,
  source   VARCHAR(64) NOT NULL,
  reason   VARCHAR(256) NOT NULL,
  content  VARCHAR(16384) NOT NULL,
  copies   BIGINT NOT NULL
)
DISTSTYLE EVEN
SORTKEY (batch_no);

-- The current state of every key. The newest batch of each key is found in two narrow columns, on the node that has the key; the
-- others are read for those rows only. It is still about every key there is: ask load_objects or objects_not_loaded where you can.
CREATE OR REPLACE VIEW :"schema".objects_now AS
SELECT o.object_id, o.bucket, o.key, o.etag, o.version_id, o.sequencer, o.size_bytes, o.event_time, o.source, o.replayed, o.status,
       o.code, o.reason, o.line, o.column_name, o.batch_id, o.batch_no, o.read_after, o.recorded_at
FROM :"schema".load_objects AS o
JOIN (
  SELECT l.object_id, MAX(l.batch_no) AS batch_no
  FROM :"schema".load_objects AS l
  GROUP BY l.object_id
) AS newest ON newest.object_id = o.object_id AND newest.batch_no = o.batch_no;

-- What is quarantined or vanished now: the rows that say so, unless a later row of their key says otherwise. Only keys that were
-- ever not loaded are grouped, which are few; of the others only narrow columns are read.
CREATE OR REPLACE VIEW :"schema".objects_not_loaded AS
SELECT o.object_id, o.bucket, o.key, o.etag, o.version_id, o.sequencer, o.size_bytes, o.event_time, o.source, o.replayed, o.status,
       o.code, o.reason, o.line, o.column_name, o.batch_id, o.batch_no, o.read_after, o.recorded_at
FROM :"schema".load_objects AS o
JOIN (
  SELECT l.object_id, MAX(l.batch_no) AS batch_no
  FROM :"schema".load_objects AS l
  WHERE l.object_id IN (SELECT n.object_id FROM :"schema".load_objects AS n WHERE n.status IN ('quarantined', 'vanished'))
  GROUP BY l.object_id
) AS newest ON newest.object_id = o.object_id AND newest.batch_no = o.batch_no
WHERE o.status IN ('quarantined', 'vanished');

-- The time from S3 event to commit of each loaded object, in whole seconds, which is GETDATE's precision. Replayed objects are
-- excluded, as in the metric: their age says nothing about how fast they were loaded.
CREATE OR REPLACE VIEW :"schema".freshness AS
SELECT source, batch_no, recorded_at, DATEDIFF(seconds, event_time, recorded_at) AS freshness_seconds
FROM :"schema".load_objects
WHERE status = 'loaded' AND NOT replayed;

-- The number of the last batch: 0, unless load_lock was dropped and is made again.
INSERT INTO :"schema".load_lock (batch_no)
SELECT COALESCE(MAX(known.batch_no), 0)
FROM (
  SELECT b.batch_no FROM :"schema".load_batches AS b
  UNION ALL
  SELECT o.batch_no FROM :"schema".load_objects AS o
) AS known
HAVING (SELECT COUNT(*) FROM :"schema".load_lock AS n) = 0;
