-- What must not be done twice, and would not fail if it were.
UPDATE :"schema".songs SET year = year + 1;
