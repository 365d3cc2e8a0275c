-- The database user of a role (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html), made before the role first
-- logs in, so that it can be granted rights. It has no password; only IAM opens it. Fails where the user is there already,
-- which is then as good.
CREATE USER :"grantee" PASSWORD DISABLE;
