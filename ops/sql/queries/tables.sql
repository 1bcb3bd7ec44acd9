-- Tables and materialized views, the largest with their indexes first; what a partitioned table is made of counts as one.
-- A row's width is what pg_stats knows of its columns: of a table that was never analyzed the bloat is not known.
-- Everything of a table is looked up by its number or name, so that the work grows with their count whatever the
-- planner believes of a catalog that was never analyzed.
WITH leaves AS (
    SELECT c.oid, coalesce(pg_partition_root(c.oid), c.oid) AS root, greatest(c.reltuples, 0) AS rows,
           pg_table_size(c.oid) AS bytes, pg_indexes_size(c.oid) AS index_bytes,
           CASE WHEN need.pages IS NOT NULL THEN greatest(c.relpages - need.pages, 0) * 8192 END AS bloat
    FROM pg_class AS c
    CROSS JOIN LATERAL (
        SELECT CASE WHEN bool_and(s.avg_width IS NOT NULL) THEN
                   ceil(greatest(c.reltuples, 0)
                        * (ceil((23 + CASE WHEN bool_or(s.null_frac > 0) THEN (count(*) + 7) / 8 ELSE 0 END) / 8.0) * 8
                           + ceil(sum((1 - s.null_frac) * s.avg_width) / 8.0) * 8 + 4)
                        / ((8192 - 24) * coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                                                   WHERE option_name = 'fillfactor'), 100) / 100.0)) END AS pages
        FROM pg_attribute AS a
        LEFT JOIN LATERAL (
            SELECT null_frac, avg_width FROM pg_stats
            WHERE schemaname = 'public' AND NOT inherited AND tablename = c.relname AND attname = a.attname
            OFFSET 0
        ) AS s ON true
        WHERE a.attrelid = c.oid AND c.relpages > 0 AND a.attnum > 0 AND NOT a.attisdropped
    ) AS need
    WHERE c.relkind IN ('r', 'm') AND c.relnamespace = 'public'::regnamespace
)
SELECT l.root::regclass::text AS name, count(*) AS parts, sum(l.bytes)::bigint AS bytes,
       sum(l.index_bytes)::bigint AS index_bytes, sum(l.rows)::bigint AS rows,
       coalesce(sum(t.n_dead_tup), 0)::bigint AS dead,
       sum(l.bloat)::bigint AS bloat,
       coalesce(sum(t.seq_scan), 0)::bigint AS seq_scans,
       coalesce(sum(t.seq_tup_read), 0)::bigint AS seq_rows,
       coalesce(sum(t.idx_scan), 0)::bigint AS index_scans,
       coalesce(sum(t.n_tup_ins), 0)::bigint AS inserted,
       coalesce(sum(t.n_tup_upd), 0)::bigint AS updated,
       coalesce(sum(t.n_tup_hot_upd), 0)::bigint AS updated_in_place,
       coalesce(sum(t.n_tup_del), 0)::bigint AS deleted,
       max(greatest(t.last_vacuum, t.last_autovacuum)) AS vacuumed_at,
       greatest(max(greatest(t.last_analyze, t.last_autoanalyze)),
                (SELECT greatest(p.last_analyze, p.last_autoanalyze)
                 FROM pg_stat_all_tables AS p WHERE p.relid = l.root)) AS analyzed_at
FROM leaves AS l
LEFT JOIN pg_stat_all_tables AS t ON t.relid = l.oid
GROUP BY l.root
ORDER BY sum(l.bytes + l.index_bytes) DESC, 1
LIMIT %(most)s
