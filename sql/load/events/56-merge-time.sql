-- One row per moment. A known moment never changes, so the update writes what is there.
MERGE INTO :"schema"."time"
USING merge_time AS staged
ON :"schema"."time".start_time = staged.start_time
WHEN MATCHED THEN UPDATE SET
  hour = staged.hour, day = staged.day, week = staged.week, month = staged.month, year = staged.year, weekday = staged.weekday
WHEN NOT MATCHED THEN INSERT (start_time, hour, day, week, month, year, weekday)
  VALUES (staged.start_time, staged.hour, staged.day, staged.week, staged.month, staged.year, staged.weekday)
