-- For the administrator of a server of one's own, once:
--   psql -U postgres -v owner_password=… -v app_password=… -f ops/roles.sql
-- The owner migrates and maintains; the runtime role reads and writes rows and nothing else.
-- CREATEDB is for the test database only; leave it out where no tests run.
CREATE ROLE foodshare_owner LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE foodshare_app LOGIN PASSWORD :'app_password';
ALTER ROLE foodshare_owner SET timezone = 'UTC';
ALTER ROLE foodshare_app SET timezone = 'UTC';
GRANT pg_monitor, pg_signal_backend TO foodshare_owner;
GRANT pg_read_all_stats TO foodshare_app;

CREATE DATABASE foodshare OWNER foodshare_owner;
ALTER DATABASE foodshare SET timezone = 'UTC';
REVOKE TEMPORARY ON DATABASE foodshare FROM PUBLIC;
GRANT TEMPORARY ON DATABASE foodshare TO foodshare_owner;
\connect foodshare
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE, USAGE ON SCHEMA public TO foodshare_owner;
-- The only extension that needs a superuser; migrate creates the others. To count anything it needs
-- shared_preload_libraries = 'pg_stat_statements' and a restart.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
