-- Searches by the beginning of a name, in any case.
CREATE INDEX CONCURRENTLY community_groups_upper_name_idx
ON community_groups (upper(name) text_pattern_ops);
