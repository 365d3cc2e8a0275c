-- Plays and listeners by subscription level, as of the play.
SELECT p.level, COUNT(*) AS plays, COUNT(DISTINCT p.user_id) AS listeners
FROM :"schema".songplays AS p
GROUP BY p.level
ORDER BY plays DESC, p.level
