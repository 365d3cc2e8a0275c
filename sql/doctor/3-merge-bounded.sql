-- Whether MERGE takes a literal range in its condition, as events/78-merge-songplays has it. That is documented nowhere; where it
-- is refused, the setting mergeBounds leaves the range out.
MERGE INTO doctor_plays
USING doctor_staged AS staged
ON doctor_plays.start_time = staged.start_time
  AND doctor_plays.start_time BETWEEN TIMESTAMP '2018-11-01 00:00:00' AND TIMESTAMP '2018-11-30 23:59:59.999'
WHEN MATCHED THEN UPDATE SET level = staged.level
WHEN NOT MATCHED THEN INSERT (start_time, level) VALUES (staged.start_time, staged.level)
