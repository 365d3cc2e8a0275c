-- One row per start time. Only times that are not there yet were selected, so nothing ever matches. The literal bound keeps the
-- search for matches to the blocks of these times; every row lies inside it, so the result is the same without it. AWS's page
-- speaks of equalities only, but real clusters take it:
-- https://github.com/dbt-labs/dbt-redshift/blob/main/tests/functional/adapter/incremental/test_incremental_predicates.py
-- The setting mergeBounds leaves it out.
MERGE INTO :"schema"."time"
USING :"merge_time" AS staged
ON :"schema"."time".start_time = staged.start_time
  AND :"schema"."time".start_time BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to' -- optional bound
WHEN MATCHED THEN UPDATE SET
  hour = staged.hour, day = staged.day, week = staged.week, month = staged.month, year = staged.year, weekday = staged.weekday
WHEN NOT MATCHED THEN INSERT (start_time, hour, day, week, month, year, weekday)
  VALUES (staged.start_time, staged.hour, staged.day, staged.week, staged.month, staged.year, staged.weekday)
