-- Document A, step 2, without its `> NOW()` term: an index predicate must be immutable.
CREATE INDEX CONCURRENTLY idx_users_reputation_active
ON user_global_reputation (trust_level, overall_score, last_activity);
