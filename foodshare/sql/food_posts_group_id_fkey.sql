-- Posts of an adopted database may name groups that are not here. Then there is no foreign key: not even a
-- NOT VALID one, which would refuse the other program's next post in such a group.
DO $$
BEGIN
    IF EXISTS (SELECT FROM food_posts p WHERE p.group_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM community_groups g WHERE g.id = p.group_id)) THEN
        RAISE WARNING 'food_posts_group_id_fkey is left out: some posts name unknown groups';
    ELSIF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'food_posts_group_id_fkey'
                      AND conrelid = 'food_posts'::regclass) THEN
        ALTER TABLE food_posts ADD CONSTRAINT food_posts_group_id_fkey
            FOREIGN KEY (group_id) REFERENCES community_groups (id) NOT VALID;
    END IF;
END $$;
