-- The foreign key's own index.
CREATE INDEX CONCURRENTLY community_groups_admin_user_id_idx
ON community_groups (admin_user_id);
