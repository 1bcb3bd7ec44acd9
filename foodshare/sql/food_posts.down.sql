-- A table that was adopted belongs to another program too: it stays.
DO $$
BEGIN
    IF obj_description('food_posts'::regclass) LIKE 'adopted%' THEN
        RAISE NOTICE 'food_posts was adopted and stays';
    ELSE
        DROP TABLE food_posts;
    END IF;
END $$;
