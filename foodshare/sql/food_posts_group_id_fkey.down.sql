ALTER TABLE food_posts DROP CONSTRAINT IF EXISTS food_posts_group_id_fkey;
