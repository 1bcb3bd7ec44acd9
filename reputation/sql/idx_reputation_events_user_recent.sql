-- Document A, step 2, without its `> NOW()` term: an index predicate must be immutable.
CREATE INDEX CONCURRENTLY idx_reputation_events_user_recent
ON reputation_events (user_id, created_at DESC);
