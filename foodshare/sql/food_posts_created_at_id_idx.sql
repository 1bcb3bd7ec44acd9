-- The admin's list of posts, newest first.
CREATE INDEX CONCURRENTLY food_posts_created_at_id_idx
ON food_posts (created_at DESC, id DESC);
