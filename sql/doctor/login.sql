-- Who is logged in, and how the database compares text. It reads no table, so the leader node answers it.
SELECT CURRENT_USER AS login, db_collation() AS collation
