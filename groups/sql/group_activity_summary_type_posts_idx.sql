-- Keyset pages of discovery among the groups of one type, and their count.
CREATE INDEX CONCURRENTLY group_activity_summary_type_posts_idx
ON group_activity_summary (group_type, food_posts_30d DESC, group_id DESC);
