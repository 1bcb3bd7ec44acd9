-- Searches by the beginning of a name, in any case.
CREATE INDEX CONCURRENTLY neighborhoods_upper_name_idx
ON neighborhoods (upper(name) text_pattern_ops);
