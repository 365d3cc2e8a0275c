-- Columns that the next release would add: one that old rows do not have, one with a default.
ALTER TABLE :"schema".songs ADD COLUMN genre VARCHAR(64);
ALTER TABLE :"schema".users ADD COLUMN plan VARCHAR(16) NOT NULL DEFAULT 'free';
