-- Searches by the beginning of a name, in any case.
CREATE INDEX CONCURRENTLY users_upper_name_idx
ON users (upper(name) text_pattern_ops);
