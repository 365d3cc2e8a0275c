-- The account of the staged events. Plays staged once are counted apart from those with a winner, as they were merged above.
INSERT INTO staging_counts
  (source, rows_staged, rows_merged, rows_duplicate, rows_other_pages, rows_rejected, keys_in_conflict, plays_healed)
SELECT 'events', staged.n, staged.staged_once + picked.n, picked.duplicates, staged.other_pages, staged.rejected, picked.conflicts, 0
FROM (
  SELECT COUNT(*) AS n,
         COALESCE(SUM(CASE WHEN e.ts IS NULL OR e.sessionid IS NULL OR e.iteminsession IS NULL THEN 1 ELSE 0 END), 0)
           AS rejected,
         COALESCE(SUM(CASE WHEN e.ts IS NOT NULL AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
                            AND COALESCE(RTRIM(e.page, ' '), '') <> 'NextSong' THEN 1 ELSE 0 END), 0) AS other_pages,
         COALESCE(SUM(CASE WHEN e.ts IS NOT NULL AND e.sessionid IS NOT NULL AND e.iteminsession IS NOT NULL
                            AND RTRIM(e.page, ' ') = 'NextSong' AND repeated.start_time IS NULL THEN 1 ELSE 0 END), 0) AS staged_once
  FROM staging_events AS e
  LEFT JOIN repeated_songplays AS repeated
    ON repeated.start_time = e.ts AND repeated.session_id = e.sessionid AND repeated.item_in_session = e.iteminsession
) AS staged
CROSS JOIN (
  SELECT COUNT(*) AS n, COALESCE(SUM(p.copies - 1), 0) AS duplicates, COALESCE(SUM(p.in_conflict), 0) AS conflicts
  FROM picked_songplays AS p
) AS picked
