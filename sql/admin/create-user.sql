-- The database user of a role (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html), created before the role
-- first logs in, so that it can be granted rights. It has no password; only IAM can log it in. Fails when the user already
-- exists, which is just as good.
CREATE USER :"grantee" PASSWORD DISABLE;
