-- Document A, step 2.
CREATE INDEX CONCURRENTLY idx_exchanges_group_status
ON exchanges (food_id, status, created_at)
WHERE status IN ('pending', 'confirmed', 'completed');
