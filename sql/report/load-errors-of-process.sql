-- The first error of every bad file that one process of the leader node read lately, for when the view does not know the query. A
-- number of a process is used again, hence the time, which is the longest a function runs. Files of others are left out by name.
SELECT d.file_name, d.line_number, d.column_name, d.error_code, d.error_message
FROM (
  SELECT TRIM(e.file_name) AS file_name, e.line_number, TRIM(e.column_name) AS column_name, e.error_code,
         TRIM(e.error_message) AS error_message,
         ROW_NUMBER() OVER (PARTITION BY TRIM(e.file_name) ORDER BY e.line_number, e.error_code) AS first_to_last
  FROM sys_load_error_detail AS e
  WHERE e.session_id = CAST(:process_id AS INTEGER) AND e.start_time >= DATEADD(minute, -15, GETDATE())
) AS d
WHERE d.first_to_last = 1
