-- Whether a database user has one right on one table or view. Several such questions are asked at once, joined by UNION ALL and
-- told apart by their number (https://docs.aws.amazon.com/redshift/latest/dg/r_HAS_TABLE_PRIVILEGE.html).
SELECT :number AS question, HAS_TABLE_PRIVILEGE(:'grantee', :'relation', :'privilege') AS is_held
