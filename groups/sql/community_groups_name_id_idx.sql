-- Keyset pages of the list of groups, by name.
CREATE INDEX CONCURRENTLY community_groups_name_id_idx
ON community_groups (name, id);
