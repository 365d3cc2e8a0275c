-- How much of the listing was compared when more differences were found than are kept: what lies up to the last one of them.
SELECT COUNT(*) AS listed, COALESCE(SUM(CASE WHEN s.ignored THEN 1 ELSE 0 END), 0) AS ignored
FROM staging_listing AS s
WHERE s.key || CHR(1) <= :up_to
