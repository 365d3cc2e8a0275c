-- How often each column of each source is filled in this batch. The count steps of the sources fill it, each in one scan.
CREATE TEMP TABLE staging_columns (
  source      VARCHAR(64) NOT NULL,
  column_name VARCHAR(127) NOT NULL,
  rows_read   BIGINT NOT NULL,
  rows_filled BIGINT NOT NULL
)
DISTSTYLE ALL
