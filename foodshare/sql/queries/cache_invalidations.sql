-- The oldest notes, and the log's end after all of them were committed.
SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, coalesce(array_agg(id), '{}'),
       coalesce(array_agg(change), '{}'), coalesce(array_agg(subject), '{}'), coalesce(array_agg(xid), '{}')
FROM (SELECT id, change, subject, xid FROM cache_invalidations ORDER BY id LIMIT %(most)s) AS notes
