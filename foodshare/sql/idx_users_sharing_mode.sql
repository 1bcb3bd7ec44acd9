-- Document A, step 2.
CREATE INDEX CONCURRENTLY idx_users_sharing_mode
ON users (sharing_mode, verification_level, created_at);
