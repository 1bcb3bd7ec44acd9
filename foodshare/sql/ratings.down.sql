-- A table that was adopted belongs to another program too: it stays.
DO $$
BEGIN
    IF obj_description('ratings'::regclass) LIKE 'adopted%' THEN
        RAISE NOTICE 'ratings was adopted and stays';
    ELSE
        DROP TABLE ratings;
    END IF;
END $$;
