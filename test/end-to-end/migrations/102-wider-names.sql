-- Another type, by a new column that is filled from the old one and takes its name.
ALTER TABLE :"schema".artists ADD COLUMN wider_name VARCHAR(2048);
UPDATE :"schema".artists SET wider_name = name;
ALTER TABLE :"schema".artists DROP COLUMN name;
ALTER TABLE :"schema".artists RENAME COLUMN wider_name TO name;
