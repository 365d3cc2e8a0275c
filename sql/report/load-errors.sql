-- The first error of every bad file of one COPY. SYS_LOAD_ERROR_DETAIL is read, not STL_LOAD_ERRORS, because only it exists
-- on provisioned clusters and on Serverless. Its columns are padded.
SELECT d.file_name, d.line_number, d.column_name, d.error_code, d.error_message
FROM (
  SELECT TRIM(e.file_name) AS file_name, e.line_number, TRIM(e.column_name) AS column_name, e.error_code,
         TRIM(e.error_message) AS error_message,
         ROW_NUMBER() OVER (PARTITION BY TRIM(e.file_name) ORDER BY e.line_number, e.error_code) AS first_to_last
  FROM sys_load_error_detail AS e
  WHERE e.query_id = CAST(:query_id AS BIGINT)
) AS d
WHERE d.first_to_last = 1
