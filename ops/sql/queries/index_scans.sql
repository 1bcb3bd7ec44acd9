-- Scans by index on the server that is asked, which for a standby are its own.
SELECT indexes.name, sum(indexes.idx_scan)::bigint AS scans
FROM (
    SELECT coalesce(pg_partition_root(indexrelid), indexrelid)::regclass::text AS name, idx_scan
    FROM pg_stat_user_indexes
    WHERE schemaname = 'public'
) AS indexes
GROUP BY 1
