-- The foreign key's own index.
CREATE INDEX CONCURRENTLY food_posts_building_id_idx
ON food_posts (building_id)
WHERE building_id IS NOT NULL;
