-- How many objects were staged, which must be all that were listed, and how many differences were kept.
SELECT s.staged, d.differences
FROM (SELECT COUNT(*) AS staged FROM staging_listing AS l) AS s
CROSS JOIN (SELECT COUNT(*) AS differences FROM staging_differences AS c) AS d
