-- A view of what came before.
CREATE VIEW :"schema".songs_of_genre AS SELECT genre, COUNT(*) AS songs FROM :"schema".songs GROUP BY genre;
