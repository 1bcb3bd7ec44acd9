-- Document A, step 2, without its `> NOW()` term: an index predicate must be immutable.
CREATE INDEX CONCURRENTLY idx_food_posts_active_location
ON food_posts (status, pickup_time, group_id)
WHERE status = 'available';
