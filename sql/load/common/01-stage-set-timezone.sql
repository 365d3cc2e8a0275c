-- SYSDATE and GETDATE are in the time zone of the session, which is UTC unless the database user was given another
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_SYSDATE.html). The ledger's times are UTC; the session keeps this for the
-- merge as well.
SET timezone TO 'UTC'
