-- What everyone may do by default, and a hardened warehouse has revoked: create temporary tables, and COPY with a role that is
-- attached to it (https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html). Only a superuser may grant it; create-tables
-- --grant-to … --hardened, or --grant-reconcile-to, runs this: both the loader and the reconcile COPY into temporary tables.
GRANT TEMPORARY ON DATABASE :"database" TO :"grantee";
GRANT ASSUMEROLE ON :'copy_role' TO :"grantee" FOR COPY;
