-- The foreign key's own index.
CREATE INDEX CONCURRENTLY exchanges_cancelled_by_id_idx
ON exchanges (cancelled_by_id)
WHERE cancelled_by_id IS NOT NULL;
