-- The foreign key's own index.
CREATE INDEX CONCURRENTLY exchanges_disputed_by_id_idx
ON exchanges (disputed_by_id)
WHERE disputed_by_id IS NOT NULL;
