-- A rating without user, song or time has no key to be merged by.
INSERT INTO staging_rejected (source, reason, content, copies)
SELECT 'ratings', t.reason, t.content, COUNT(*)
FROM (
  SELECT CAST('user_id, song_id or rated_at is missing' AS VARCHAR(64)) AS reason,
         CAST(RTRIM(COALESCE('user_id="' || r.user_id || '" ', '') || COALESCE('song_id="' || r.song_id || '" ', '')
           || COALESCE('rating=' || CAST(r.rating AS VARCHAR(8)), ''), ' ') AS VARCHAR(16384)) AS content
  FROM staging_ratings AS r
  WHERE COALESCE(RTRIM(r.user_id, ' '), '') = '' OR COALESCE(RTRIM(r.song_id, ' '), '') = '' OR r.rated_at IS NULL
) AS t
GROUP BY t.reason, t.content
