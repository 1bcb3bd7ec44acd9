-- Keyset pages of discovery, the busiest groups first.
CREATE INDEX CONCURRENTLY group_activity_summary_food_posts_30d_group_id_idx
ON group_activity_summary (food_posts_30d DESC, group_id DESC);
