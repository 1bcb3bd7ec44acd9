-- The foreign key's own index.
CREATE INDEX CONCURRENTLY users_building_id_idx
ON users (building_id)
WHERE building_id IS NOT NULL;
