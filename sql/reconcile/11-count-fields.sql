-- How many fields have changed in them that nobody has accepted; a dot is appended because Redshift ignores trailing blanks.
SELECT COUNT(*) AS fields_drifted
FROM staging_fields AS f
LEFT JOIN :"schema".accepted_fields AS a ON a.source = f.source AND a.kind = f.noticed AND a.field || '.' = f.field || '.'
WHERE f.noticed <> 'read' AND a.source IS NULL
