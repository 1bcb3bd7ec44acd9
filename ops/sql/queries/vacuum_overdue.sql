-- Tables with more dead rows than autovacuum lets be, or that none is to vacuum at all.
WITH options AS (
    SELECT c.oid, c.reltuples, t.n_dead_tup, t.last_vacuum, t.last_autovacuum,
           coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'autovacuum_enabled'), current_setting('autovacuum'))::bool AS is_on,
           coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'autovacuum_vacuum_threshold'),
                    current_setting('autovacuum_vacuum_threshold'))::float8 AS base,
           coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'autovacuum_vacuum_scale_factor'),
                    current_setting('autovacuum_vacuum_scale_factor'))::float8 AS share
    FROM pg_class AS c
    JOIN pg_stat_all_tables AS t ON t.relid = c.oid
    WHERE c.relkind IN ('r', 'm') AND c.relnamespace = 'public'::regnamespace
)
SELECT oid::regclass::text AS table, n_dead_tup AS dead, greatest(reltuples, 0)::bigint AS rows,
       (base + share * greatest(reltuples, 0))::bigint AS threshold, is_on,
       greatest(last_vacuum, last_autovacuum) AS vacuumed_at
FROM options
WHERE n_dead_tup > base + share * greatest(reltuples, 0)
ORDER BY n_dead_tup DESC, 1
LIMIT %(most)s
