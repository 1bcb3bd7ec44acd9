-- Constraints that hold for new rows only, until they are validated.
SELECT conrelid::regclass::text AS table, conname AS name, contype = 'f' AS is_foreign_key,
       replace(pg_get_constraintdef(k.oid), ' NOT VALID', '') AS definition
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
WHERE NOT k.convalidated AND c.relnamespace = 'public'::regnamespace AND k.conparentid = 0
ORDER BY 1, 2
LIMIT %(most)s
