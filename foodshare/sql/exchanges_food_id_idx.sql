-- The foreign key's own index.
CREATE INDEX CONCURRENTLY exchanges_food_id_idx
ON exchanges (food_id);
