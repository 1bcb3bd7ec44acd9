-- The admin's list of exchanges, newest first.
CREATE INDEX CONCURRENTLY exchanges_created_at_id_idx
ON exchanges (created_at DESC, id DESC);
