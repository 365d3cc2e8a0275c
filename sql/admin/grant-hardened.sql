-- What everyone may do by default, and what a hardened warehouse took from everyone: make temporary tables, and COPY with a role
-- that is attached to it (https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html). Only a superuser may give them back;
-- create-tables --grant-to … --hardened runs it.
GRANT TEMPORARY ON DATABASE :"database" TO :"grantee";
GRANT ASSUMEROLE ON :'copy_role' TO :"grantee" FOR COPY;
