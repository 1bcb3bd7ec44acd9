-- Document A, step 2.
-- Composite index for food discovery by mode
CREATE INDEX CONCURRENTLY idx_food_posts_discovery
ON food_posts (group_id, status, pickup_time, created_at)
WHERE status = 'available';
