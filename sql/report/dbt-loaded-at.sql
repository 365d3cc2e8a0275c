-- When a batch last loaded something: what dbt calls the freshness of a source. load_batches has one row per batch, and readers of the
-- star may read it.
SELECT MAX(b.committed_at) AS loaded_at FROM :"schema".load_batches AS b WHERE b.objects_loaded > 0
