-- Indexes, the largest first; those of a partitioned table's parts count as one. A key is what orders an entry: its
-- column or expression, operator class, collation and direction.
-- An entry's width is what pg_stats knows of its columns; what repeats is stored once, so that the bloat of an index
-- with few different values is told too low rather than too high.
-- Everything of an index is looked up by its number, so that the work grows with their count whatever the planner
-- believes of a catalog that was never analyzed.
WITH sums AS (
    SELECT coalesce(pg_partition_root(c.oid), c.oid) AS root,
           count(*) FILTER (WHERE c.relpages > 0 OR size.bytes > 0) AS parts, sum(size.bytes)::bigint AS bytes,
           sum(greatest(c.reltuples, 0))::bigint AS rows, coalesce(sum(pg_stat_get_numscans(c.oid)), 0)::bigint AS scans,
           bool_and(i.indisvalid AND i.indisready) AS valid,
           (sum(CASE WHEN m.amname = 'btree' AND c.relpages IN (1, 2) THEN 0
                     WHEN need.pages IS NOT NULL THEN greatest(c.relpages - need.pages, 0) END) * 8192)::bigint AS bloat
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_am AS m ON m.oid = c.relam
    CROSS JOIN LATERAL (SELECT pg_relation_size(c.oid) AS bytes OFFSET 0) AS size
    CROSS JOIN LATERAL (
        SELECT CASE WHEN bool_and(s.avg_width IS NOT NULL) THEN
                   2 + ceil(greatest(c.reltuples, 0)
                            * (ceil((CASE WHEN bool_or(s.null_frac > 0) THEN 16 ELSE 8 END
                                     + sum((1 - s.null_frac) * s.avg_width)) / 8.0) * 8 + 4)
                            / ((8192 - 40) * coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                                                       WHERE option_name = 'fillfactor'), 90) / 100.0)) END AS pages
        FROM pg_attribute AS a
        LEFT JOIN pg_attribute AS k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[a.attnum - 1] AND k.attnum <> 0
        LEFT JOIN LATERAL (
            SELECT null_frac, avg_width FROM pg_stats
            WHERE schemaname = 'public' AND NOT inherited AND attname = coalesce(k.attname, a.attname)
              AND tablename = CASE WHEN k.attnum IS NULL THEN c.relname ELSE t.relname END
            OFFSET 0
        ) AS s ON true
        WHERE a.attrelid = c.oid AND c.relpages > 2 AND m.amname = 'btree'
    ) AS need
    WHERE c.relnamespace = 'public'::regnamespace
    GROUP BY 1
)
SELECT c.relname AS name, i.indrelid::regclass::text AS table, s.parts, s.bytes, s.rows, s.scans, s.valid, s.bloat,
       i.indisunique AS is_unique, i.indisprimary AS is_primary, i.indisreplident AS is_identity,
       NOT i.indimmediate AS is_deferrable, c.relkind = 'I' AS is_partitioned, m.amname AS method,
       (SELECT o.conname FROM pg_constraint AS o
        WHERE o.conrelid = i.indrelid AND o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
           AS constraint_name,
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
