-- Drops one view that the numbered files created. create-tables --drop runs it for each.
DROP VIEW IF EXISTS :"schema".:"relation";
