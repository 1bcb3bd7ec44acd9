-- Keyset pages, newest first of a group's posts in any status.
CREATE INDEX CONCURRENTLY food_posts_group_id_created_at_id_idx
ON food_posts (group_id, created_at DESC, id DESC);
