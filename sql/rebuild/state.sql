-- How far a rebuild of this schema has come: who works on it, and for how long nothing was seen of them. No row in a schema that
-- was made by create-tables; an error where there is no such schema.
SELECT r.run_id, r.rules, r.live_batch, DATEDIFF(seconds, r.seen_at, GETDATE()) AS quiet_seconds,
       CAST(r.begun_at AS VARCHAR(32)) AS begun_at, CAST(r.swapped_at AS VARCHAR(32)) AS swapped_at
FROM :"schema".rebuilds AS r
