-- The number of the newest batch, 0 for none: a bound for questions that look back.
SELECT COALESCE(MAX(b.batch_no), 0) AS batch_no FROM :"schema".load_batches AS b
