-- Tables and materialized views, the largest with their indexes first; what a partitioned table is made of counts as one.
-- A row's width is what pg_stats knows of its columns: of a table that was never analyzed the bloat is not known.
WITH leaves AS (
    SELECT c.oid, c.relname, c.relnamespace, coalesce(pg_partition_root(c.oid), c.oid) AS root,
           greatest(c.reltuples, 0) AS rows, c.relpages, pg_table_size(c.oid) AS bytes,
           pg_indexes_size(c.oid) AS index_bytes,
           coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'fillfactor'), 100) AS fillfactor
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'm') AND c.relnamespace = 'public'::regnamespace
),
widths AS (
    SELECT a.attrelid, bool_and(s.attname IS NOT NULL) AS known,
           23 + CASE WHEN bool_or(s.null_frac > 0) THEN (count(*) + 7) / 8 ELSE 0 END AS header,
           sum((1 - s.null_frac) * s.avg_width) AS data
    FROM pg_attribute AS a
    JOIN leaves AS l ON l.oid = a.attrelid
    LEFT JOIN pg_stats AS s ON s.schemaname = 'public' AND s.tablename = l.relname AND s.attname = a.attname
                               AND NOT s.inherited
    WHERE a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid
),
needs AS (
    SELECT l.oid, CASE WHEN w.known THEN
               ceil(l.rows * (ceil(w.header / 8.0) * 8 + ceil(w.data / 8.0) * 8 + 4)
                    / ((8192 - 24) * l.fillfactor / 100.0)) END AS pages
    FROM leaves AS l
    JOIN widths AS w ON w.attrelid = l.oid
)
SELECT l.root::regclass::text AS name, count(*) AS parts, sum(l.bytes)::bigint AS bytes,
       sum(l.index_bytes)::bigint AS index_bytes, sum(l.rows)::bigint AS rows,
       coalesce(sum(t.n_dead_tup), 0)::bigint AS dead,
       (sum(CASE WHEN n.pages < l.relpages THEN l.relpages - n.pages WHEN n.pages IS NOT NULL THEN 0 END)
        * 8192)::bigint AS bloat,
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
JOIN needs AS n ON n.oid = l.oid
LEFT JOIN pg_stat_all_tables AS t ON t.relid = l.oid
GROUP BY l.root
ORDER BY sum(l.bytes + l.index_bytes) DESC, 1
LIMIT %(most)s
