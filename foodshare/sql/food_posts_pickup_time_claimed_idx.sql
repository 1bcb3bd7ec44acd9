-- The hourly search for claims that nobody answered.
CREATE INDEX CONCURRENTLY food_posts_pickup_time_claimed_idx
ON food_posts (pickup_time)
WHERE status = 'claimed';
