-- The counts of the staged events. Plays staged once are counted separately from those with a winner, as they were merged
-- above.
INSERT INTO staging_counts
  (source, rows_staged, rows_merged, rows_duplicate, rows_skipped, rows_rejected, keys_in_conflict, rows_healed)
SELECT 'events', staged.n, staged.staged_once + picked.n, picked.duplicates, staged.other_pages, staged.rejected,
       picked.conflicts, 0
FROM (
  SELECT COUNT(*) AS n,
         COALESCE(SUM(CASE WHEN t.is_usable = 0 THEN 1 ELSE 0 END), 0) AS rejected,
         COALESCE(SUM(CASE WHEN t.is_usable = 1 AND t.is_play = 0 THEN 1 ELSE 0 END), 0) AS other_pages,
         COALESCE(SUM(CASE WHEN t.is_usable = 1 AND t.is_play = 1 AND t.is_repeated = 0 THEN 1 ELSE 0 END), 0) AS staged_once
  FROM (
    SELECT CASE WHEN e.ts BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'
                 AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL THEN 1 ELSE 0 END AS is_usable,
           CASE WHEN RTRIM(e.page, ' ') = 'NextSong' THEN 1 ELSE 0 END AS is_play,
           CASE WHEN repeated.start_time IS NULL THEN 0 ELSE 1 END AS is_repeated
    FROM staging_events AS e
    LEFT JOIN repeated_songplays AS repeated
      ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
  ) AS t
) AS staged
CROSS JOIN (
  SELECT COUNT(*) AS n, COALESCE(SUM(p.copies - 1), 0) AS duplicates, COALESCE(SUM(p.in_conflict), 0) AS conflicts
  FROM picked_songplays AS p
) AS picked
