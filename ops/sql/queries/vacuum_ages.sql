-- How near the end of transaction numbers the databases of this server are, and what holds vacuum back.
-- Three million before the end of the 2^31 that are told apart, the server takes no more writes.
SELECT max(age(datfrozenxid)) AS xid_age, max(mxid_age(datminmxid)) AS multixact_age,
       2147483647 - 3000000 AS most,
       current_setting('autovacuum_freeze_max_age')::bigint AS freeze_at,
       current_setting('autovacuum_multixact_freeze_max_age')::bigint AS multixact_freeze_at,
       (SELECT count(*) FROM pg_stat_progress_vacuum) AS running,
       (SELECT coalesce(max(age(xmin)), 0)
        FROM (SELECT backend_xmin FROM pg_stat_activity WHERE pid <> pg_backend_pid()
              UNION ALL SELECT backend_xmin FROM pg_stat_replication
              UNION ALL SELECT xmin FROM pg_replication_slots
              UNION ALL SELECT catalog_xmin FROM pg_replication_slots
              UNION ALL SELECT transaction FROM pg_prepared_xacts) AS held (xmin)
        WHERE xmin IS NOT NULL) AS held_back
FROM pg_database
