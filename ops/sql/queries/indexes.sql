-- Indexes, the largest first; those of a partitioned table's parts count as one. A key is what orders an entry: its
-- column or expression, operator class, collation and direction.
-- An entry's width is what pg_stats knows of its columns; what repeats is stored once, so that the bloat of an index
-- with few different values is told too low rather than too high.
WITH parts AS (
    SELECT i.indexrelid AS oid, i.indrelid, coalesce(pg_partition_root(i.indexrelid), i.indexrelid) AS root,
           c.relname, greatest(c.reltuples, 0) AS rows, c.relpages, pg_relation_size(c.oid) AS bytes, i.indkey,
           i.indisvalid AND i.indisready AS valid, m.amname = 'btree' AS is_btree,
           coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'fillfactor'), 90) AS fillfactor
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = c.relam
    WHERE c.relnamespace = 'public'::regnamespace
),
widths AS (
    SELECT p.oid, bool_and(s.avg_width IS NOT NULL) AS known, bool_or(s.null_frac > 0) AS has_nulls,
           sum((1 - s.null_frac) * s.avg_width) AS data
    FROM parts AS p
    JOIN pg_class AS t ON t.oid = p.indrelid
    JOIN pg_attribute AS a ON a.attrelid = p.oid
    LEFT JOIN pg_attribute AS k ON k.attrelid = p.indrelid AND k.attnum = p.indkey[a.attnum - 1]
                                   AND k.attnum <> 0
    LEFT JOIN pg_stats AS s ON s.schemaname = 'public' AND NOT s.inherited
                               AND s.tablename = CASE WHEN k.attnum IS NULL THEN p.relname ELSE t.relname END
                               AND s.attname = coalesce(k.attname, a.attname)
    WHERE p.is_btree
    GROUP BY p.oid
),
needs AS (
    SELECT oid, CASE WHEN known THEN
               2 + ceil(rows * (ceil((CASE WHEN has_nulls THEN 16 ELSE 8 END + data) / 8.0) * 8 + 4)
                        / ((8192 - 40) * fillfactor / 100.0)) END AS pages
    FROM parts
    JOIN widths USING (oid)
),
sums AS (
    SELECT p.root, count(*) FILTER (WHERE p.relpages > 0 OR p.bytes > 0) AS parts, sum(p.bytes)::bigint AS bytes,
           sum(p.rows)::bigint AS rows, coalesce(sum(s.idx_scan), 0)::bigint AS scans,
           bool_and(p.valid) AS valid,
           (sum(CASE WHEN n.pages < p.relpages THEN p.relpages - n.pages WHEN n.pages IS NOT NULL THEN 0 END)
            * 8192)::bigint AS bloat
    FROM parts AS p
    LEFT JOIN needs AS n ON n.oid = p.oid
    LEFT JOIN pg_stat_all_indexes AS s ON s.indexrelid = p.oid
    GROUP BY p.root
)
SELECT c.relname AS name, i.indrelid::regclass::text AS table, s.parts, s.bytes, s.rows, s.scans, s.valid, s.bloat,
       i.indisunique AS is_unique, i.indisprimary AS is_primary, i.indisreplident AS is_identity,
       c.relkind = 'I' AS is_partitioned, m.amname AS method,
       (SELECT o.conname FROM pg_constraint AS o
        WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')) AS constraint_name,
       (SELECT array_agg(concat_ws(' ', pg_get_indexdef(i.indexrelid, n, true), i.indclass[n - 1],
                                   nullif(i.indcollation[n - 1], 0), nullif(i.indoption[n - 1], 0)) ORDER BY n)
        FROM generate_series(1, i.indnkeyatts) AS n) AS keys,
       (SELECT coalesce(array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n), '{}')
        FROM generate_series(1, i.indnkeyatts) AS n) AS columns,
       (SELECT coalesce(array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n), '{}')
        FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS n) AS included,
       pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_indexdef(i.indexrelid) AS definition
FROM sums AS s
JOIN pg_index AS i ON i.indexrelid = s.root
JOIN pg_class AS c ON c.oid = s.root
JOIN pg_am AS m ON m.oid = c.relam
ORDER BY s.bytes DESC, 1
LIMIT %(most)s
