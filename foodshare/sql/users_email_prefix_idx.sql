-- Searches by the beginning of an e-mail address, whatever the collation.
CREATE INDEX CONCURRENTLY users_email_prefix_idx
ON users (email varchar_pattern_ops);
