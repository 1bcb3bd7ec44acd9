-- Keyset pages, newest first of a neighborhood's posts.
CREATE INDEX CONCURRENTLY food_posts_neighborhood_id_created_at_id_idx
ON food_posts (neighborhood_id, created_at DESC, id DESC)
WHERE neighborhood_id IS NOT NULL;
