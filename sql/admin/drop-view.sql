-- Removes one view that the numbered files made. create-tables --drop runs it for each.
DROP VIEW IF EXISTS :"schema".:"relation";
