-- Document B: people who may log in, by when they came.
CREATE INDEX CONCURRENTLY idx_active_users
ON users (created_at) WHERE is_active = true;
