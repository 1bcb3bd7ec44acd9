-- A table that was adopted belongs to another program too: it stays.
DO $$
BEGIN
    IF obj_description('users'::regclass) LIKE 'adopted%' THEN
        RAISE NOTICE 'users was adopted and stays';
    ELSE
        DROP TABLE users;
    END IF;
END $$;
