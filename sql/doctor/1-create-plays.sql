-- A table to try MERGE on that nobody else sees; it ends with its session.
CREATE TEMP TABLE doctor_plays (start_time TIMESTAMP NOT NULL, level VARCHAR(8))
