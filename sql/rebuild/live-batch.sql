-- The number of the live star's last batch. It waits for a merge under way, so that the next one has only just begun to stage.
SELECT n.batch_no FROM :"schema".load_lock AS n
