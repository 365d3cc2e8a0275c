-- Whether whoever is logged in is a superuser: only superusers see all rights that were given.
SELECT u.usename, u.usesuper FROM pg_user AS u WHERE u.usename = CURRENT_USER
