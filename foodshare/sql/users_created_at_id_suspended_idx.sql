-- The admin's list of suspended people.
CREATE INDEX CONCURRENTLY users_created_at_id_suspended_idx
ON users (created_at DESC, id DESC)
WHERE NOT is_active;
