-- Keyset pages, newest first of one's own posts.
CREATE INDEX CONCURRENTLY food_posts_author_id_created_at_id_idx
ON food_posts (author_id, created_at DESC, id DESC);
