-- Removes one table that the numbered files made, with its rows. create-tables --drop runs it for each.
DROP TABLE IF EXISTS :"schema".:"relation";
