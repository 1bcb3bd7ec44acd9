-- The foreign key's own index.
CREATE INDEX CONCURRENTLY exchanges_resolved_by_id_idx
ON exchanges (resolved_by_id)
WHERE resolved_by_id IS NOT NULL;
