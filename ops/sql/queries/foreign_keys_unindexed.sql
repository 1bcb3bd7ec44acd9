-- Foreign keys whose columns, in any order, are not the first of any whole index, or of a partial one that leaves
-- out rows without the key only.
SELECT conrelid::regclass::text AS table, conname AS name, confrelid::regclass::text AS target,
       pg_get_constraintdef(k.oid) AS definition, greatest(c.reltuples, 0)::bigint AS rows,
       (SELECT array_agg(a.attname::text ORDER BY o.place) FROM unnest(k.conkey) WITH ORDINALITY AS o (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = o.attnum) AS columns
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
  AND NOT EXISTS (
      SELECT FROM pg_index AS i
      WHERE i.indrelid = k.conrelid AND i.indisvalid
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = (
             SELECT format('(%%I IS NOT NULL)', attname) FROM pg_attribute
             WHERE attrelid = k.conrelid AND attnum = k.conkey[1] AND cardinality(k.conkey) = 1))
        AND (SELECT array_agg(place ORDER BY place)
             FROM unnest(i.indkey[0:cardinality(k.conkey) - 1]::smallint[]) AS place)
            = (SELECT array_agg(place ORDER BY place) FROM unnest(k.conkey) AS place))
ORDER BY 1, 2
LIMIT %(most)s
