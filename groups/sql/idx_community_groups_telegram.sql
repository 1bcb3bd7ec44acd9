-- Document A, step 2.
CREATE INDEX CONCURRENTLY idx_community_groups_telegram
ON community_groups (telegram_group_id, group_type, admin_user_id);
