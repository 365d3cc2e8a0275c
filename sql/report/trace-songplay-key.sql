-- The key of one play by its songplay_id, which nothing is sorted by: this reads one column of the whole table, for a person
-- who has nothing else. sql/report/trace-songplay then finds the row by its time.
SELECT DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', p.start_time) AS start_time_ms, CAST(p.session_id AS VARCHAR(20)) AS session_id,
       CAST(p.item_in_session AS VARCHAR(20)) AS item_in_session
FROM :"schema".songplays AS p
WHERE p.songplay_id = :songplay_id
