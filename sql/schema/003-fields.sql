-- What files hold besides what is loaded of them, and what they no longer hold.
--
-- load_fields is append-only: what looking at the beginnings of some files of a batch found, by source, kind and field, with the
-- first file; one row of kind 'read' per batch and source says how many files were looked at, so that a share can be told of
-- them. found_in and out_of are files, but rows of staging where a column is NULL more often than before ('empty'); those have
-- no file. A reconcile looks at more files and adds rows under the number of the newest batch. The table is sorted by batch_no, in which order rows
-- are added.
CREATE TABLE IF NOT EXISTS :"schema".load_fields (
  batch_no   BIGINT NOT NULL,
  batch_id   VARCHAR(64) NOT NULL,
  source     VARCHAR(64) NOT NULL,
  kind       VARCHAR(16) NOT NULL,
  field      VARCHAR(320) NOT NULL,
  types      VARCHAR(64),
  example    VARCHAR(192),
  bucket     VARCHAR(255),
  key        VARCHAR(1024),
  event_time TIMESTAMP,
  found_in   BIGINT NOT NULL,
  out_of     BIGINT NOT NULL,
  noticed_at TIMESTAMP NOT NULL
)
DISTSTYLE EVEN
SORTKEY (batch_no);

-- How often each column of each source was filled in the last batches: one row per column, whatever the number of batches. The
-- counts of a batch weigh a fiftieth less with each batch that follows.
CREATE TABLE IF NOT EXISTS :"schema".field_baselines (
  source      VARCHAR(64) NOT NULL,
  column_name VARCHAR(127) NOT NULL,
  rows_read   DOUBLE PRECISION NOT NULL,
  rows_filled DOUBLE PRECISION NOT NULL
)
DISTSTYLE ALL;

-- What somebody has seen and does not want to be told of again, with who and why.
CREATE TABLE IF NOT EXISTS :"schema".accepted_fields (
  source      VARCHAR(64) NOT NULL,
  kind        VARCHAR(16) NOT NULL,
  field       VARCHAR(320) NOT NULL,
  reason      VARCHAR(2048) NOT NULL,
  accepted_by VARCHAR(255) NOT NULL,
  accepted_at TIMESTAMP NOT NULL
)
DISTSTYLE ALL;
