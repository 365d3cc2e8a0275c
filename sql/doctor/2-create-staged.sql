-- What is merged into it: nothing.
CREATE TEMP TABLE doctor_staged (start_time TIMESTAMP NOT NULL, level VARCHAR(8))
