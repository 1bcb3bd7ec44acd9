-- In a transaction of its own, so that writers go on while the rows are read.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_constraint WHERE conname = 'food_posts_group_id_fkey'
               AND conrelid = 'food_posts'::regclass) THEN
        ALTER TABLE food_posts VALIDATE CONSTRAINT food_posts_group_id_fkey;
    END IF;
END $$;
